/** One thing that a person does, by what they see. */
export type Step =
  | { readonly press: Role; readonly name: string }
  | { readonly type: string; readonly into: string }
  | { readonly choose: string; readonly of: string };

type Role = 'button' | 'tab' | 'link' | 'radio' | 'checkbox' | 'switch' | 'summary';

/** One state of a page: what is there when it opens, what a person then does, and what they see at the end. */
export interface State {
  readonly name: string;
  /** Sets what the page will find: the stores, the worker, the browser. Runs in the page, before any of its own script. */
  readonly arrange: () => void | Promise<void>;
  /** What the page's address asks for. */
  readonly query?: Readonly<Record<string, string>>;
  /** What the page's address ends with. */
  readonly hash?: string;
  readonly steps?: readonly Step[];
  /** Words that stand on the page once it is in this state. */
  readonly says: string;
  /** Words that somebody who listens is told once. */
  readonly announces?: string;
  /** The window that it has where that is not the screen's. */
  readonly window?: { readonly width: number; readonly height: number };
  /** It asks a question that has to be answered first. */
  readonly asks?: true;
}

/** A page of ours with all its states. */
export interface Screen {
  readonly name: string;
  readonly title: string;
  /** The page's file in the sources. */
  readonly file: string;
  /** The window that it usually has, where that is not a tab's. */
  readonly window?: { readonly width: number; readonly height: number };
  readonly states: readonly State[];
}
