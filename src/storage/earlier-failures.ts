/** What earlier versions wrote for an answer that could be read and was not what was asked for: the field, then why. */
const UNEXPECTED = /^(\w+): (?:another |the one |not the one |not what |not under |leads )/;
/** For one that could not be read: the path of the field, then a library's sentence. */
const UNREADABLE = /^([\w.]+): /;

/**
 * A failure as versions before kept it, with one `message` for whatever there was to say, in the shape that keeps apart what
 * somebody else said and what we know. Words of which nobody knows any more whose they are become neither: they stay, for support.
 */
export function withoutMessage(failure: object): object {
  if (!('message' in failure) || typeof failure.message !== 'string') return failure;
  const { message, ...rest } = failure;
  return { ...rest, ...toldApart(message, rest) };
}

function toldApart(message: string, failure: object): object {
  const reason = 'reason' in failure ? failure.reason : null;
  const code = 'code' in failure ? failure.code : null;
  switch (reason) {
    case 'keptOut':
      return { detail: { code: 'keptOut', host: message } };
    case 'unreadable':
      return { detail: detailOf(message) };
    case 'noAnswer':
      return code === 'IdentityProviderAway' ? { said: message } : technical(message);
    case 'signInNeeded':
      // Of a sign-in that failed it was the provider's sentence or a library's.
      return code === 'SignInFailed' || code === 'SignInAway' ? technical(message) : { said: message };
    case 'refused':
    case 'busy':
    case 'serverError':
      return { said: message };
    default:
      return technical(message);
  }
}

function detailOf(message: string): object {
  if (message === 'not JSON') return { code: 'notJson' };
  if (message === 'not UTF-8') return { code: 'notUtf8' };
  const unexpected = UNEXPECTED.exec(message)?.[1];
  if (unexpected !== undefined) return { code: 'fieldUnexpected', field: unexpected };
  const field = UNREADABLE.exec(message)?.[1];
  return field === undefined ? { code: 'technical', words: message } : { code: 'fieldUnreadable', field };
}

function technical(words: string): object {
  return { detail: { code: 'technical', words } };
}
