/** A stylesheet as text, for the panel's shadow root; Vite's `?inline`. */
declare module '*.css?inline' {
  const text: string;
  export default text;
}

/** A stylesheet that the build links into a page. */
declare module '*.css';
