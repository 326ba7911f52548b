import { AZURE_CLOUDS } from '../domain/azure-cloud';
import { defaultName, LONGEST_NAME } from '../domain/connection';
import { PORTAL_IDS, type PortalId } from '../domain/portal';
import { CheckField, SelectField } from '../ui/choices';
import { Notice } from '../ui/notice';
import { TextField } from '../ui/text-field';
import { t } from '../words/words';
import { visibleText } from '../domain/visible-text';
import type { KindFacts } from '../domain/kind-facts';
import { addressWords, kindHint, kindText } from '../words/kind';
import type { ConnectionForm, Problems } from './connection-form';
import { Section } from './section';

interface WhereStepProps {
  readonly form: ConnectionForm;
  readonly kinds: readonly KindFacts[];
  /** There are other connections, among which the page decides. */
  readonly among: boolean;
  readonly fixed: boolean;
  readonly problems: Problems;
  readonly onEnter: () => void;
}

/** The first step: what keeps the record, and what people call it. */
export function WhereStep({ form, kinds, among, fixed, problems, onEnter }: WhereStepProps) {
  const { values, address, fields } = form;
  const isKnown = kinds.some(({ kind }) => kind === values.kind);
  const { label, hint } = addressWords(values.kind);
  const isAzure = values.signIn === 'entra';
  /** Where one signs in there in other ways, by a token if that is one of them. */
  const choose = (kind: string) => {
    const signIns = kinds.find((one) => one.kind === kind)?.signIns ?? [];
    const other = signIns.find((signIn) => signIn === 'accessToken') ?? signIns[0];
    form.edit({ kind, ...(other !== undefined && !signIns.includes(values.signIn) && { signIn: other }) });
  };
  return (
    <Section title={t('options.where')} step={1} managed={fixed}>
      {kinds.length > 0 && !isKnown && (
        <Notice role="alert" tone="warn">
          {t('options.kindUnknown', { kind: visibleText(values.kind) })}
        </Notice>
      )}
      {kinds.length > 1 && (
        <SelectField
          label={t('options.where')}
          value={values.kind}
          options={[...kinds.map(({ kind }) => kind), ...(isKnown ? [] : [values.kind])].map(
            (kind) => [kind, kindText(kind)] as const,
          )}
          hint={kindHint(values.kind)}
          disabled={fixed}
          onChoose={choose}
        />
      )}
      <TextField
        label={t('options.name')}
        value={values.name}
        placeholder={isAzure ? t(`options.clouds.${values.cloud}`) : address.ok ? defaultName(address.address) : ''}
        hint={t(isAzure ? 'options.nameHintAzure' : 'options.nameHint')}
        maxLength={LONGEST_NAME}
        readOnly={fixed}
        onType={(name) => form.edit({ name })}
        onEnter={onEnter}
      />
      {isAzure ? (
        <SelectField
          label={t('options.cloud')}
          value={values.cloud}
          options={AZURE_CLOUDS.map((cloud) => [cloud, t(`options.clouds.${cloud}`)] as const)}
          hint={values.cloud !== 'public' && t('options.cloudUncertain')}
          problem={problems.cloud}
          disabled={fixed}
          selectRef={fields.cloud}
          onChoose={(cloud) => form.edit({ cloud })}
        />
      ) : (
        <TextField
          label={label}
          value={values.serviceUrl}
          inputMode="url"
          readOnly={fixed}
          hint={hint}
          problem={problems.serviceUrl}
          inputRef={fields.serviceUrl}
          onType={(serviceUrl) => form.edit({ serviceUrl })}
          onEnter={onEnter}
        />
      )}
      {(among || isAzure) && (
        <>
          <fieldset class="field served">
            <legend class="label">{t('options.servedPortals')}</legend>
            {PORTAL_IDS.map((portal) => (
              <CheckField
                key={portal}
                label={portalName(portal)}
                checked={values.portals.includes(portal)}
                disabled={fixed}
                onToggle={(serves) =>
                  form.edit({
                    portals: PORTAL_IDS.filter((one) => (one === portal ? serves : values.portals.includes(one))),
                  })
                }
              />
            ))}
            <p class="muted small">{t(isAzure ? 'options.servedPortalsHintAzure' : 'options.servedPortalsHint')}</p>
          </fieldset>
          <TextField
            label={t('options.tenants')}
            value={values.tenants}
            hint={t('options.tenantsHint')}
            problem={problems.tenants}
            readOnly={fixed}
            inputRef={fields.tenants}
            onType={(tenants) => form.edit({ tenants })}
            onEnter={onEnter}
          />
        </>
      )}
    </Section>
  );
}

/** What a portal is called where connections are told by what they serve. */
export function portalName(portal: PortalId): string {
  return portal === 'own' ? t('options.ownPortals') : t(`portals.${portal}`);
}
