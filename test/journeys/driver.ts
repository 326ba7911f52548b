import type { Portals } from '../e2e/harness/portals';

/**
 * What a journey needs of a browser, whichever it is. Everything is told and found by role and accessible name, and done with a
 * real mouse and real keys; whatever waits has a limit and says for what it waited.
 */

/** What a person sees in one place, and does there. */
export interface Screen {
  /** All its text; empty while it is not there. */
  text(): Promise<string>;
  has(role: string, name: string): Promise<boolean>;
  waitFor(role: string, name: string): Promise<void>;
  waitGone(role: string, name: string): Promise<void>;
  waitForText(text: string): Promise<void>;
  /** Waits until there is such a control that is not disabled, then presses the mouse on its middle. */
  press(role: string, name: string): Promise<void>;
  /** Replaces what is in the field of that label (or, where it has none, placeholder) by typing. */
  type(label: string, text: string): Promise<void>;
}

/** The panel on a portal's page, in its closed shadow root. A press that came before it can have been seen is made once more. */
export interface PanelScreen extends Screen {
  /** One press, whatever the panel says to it. */
  pressOnce(role: string, name: string): Promise<void>;
}

/** One tab, or one window that a page opened. */
export interface Tab extends Screen {
  readonly panel: PanelScreen;
  /** Chooses an option of a list by typing its beginning. */
  choose(label: string, option: string): Promise<void>;
  /** The texts of the items of that list. */
  items(list: string): Promise<readonly string[]>;
  /** Runs a script in the page's own world, as the page itself would; answers what it comes to. */
  run(script: string): Promise<unknown>;
  /** Brings it to the front. */
  show(): Promise<void>;
  /** Waits until it has been closed by somebody else. */
  closed(): Promise<void>;
  close(): Promise<void>;
}

export interface DrivenBrowser {
  /** The extension's page that opened by itself when it was installed. */
  welcome(): Promise<Tab>;
  /** Opens an address in a tab of its own. */
  open(address: string): Promise<Tab>;
  /** Opens one of the extension's own pages, by its path. */
  openOurs(path: string): Promise<Tab>;
  /** The window or tab that opens while that is done. */
  opened(act: () => Promise<void>): Promise<Tab>;
  /** Closes it as a person does. */
  close(): Promise<void>;
}

export interface Driver {
  /** Where an identity provider sends people back to. */
  readonly redirectUri: string;
  /**
   * Starts the browser with the built extension.
   * @param profile a folder; the same again is a restart
   */
  launch(portals: Portals, profile: string): Promise<DrivenBrowser>;
}
