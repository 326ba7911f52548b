/**
 * A server or a program of somebody else that the service and the extension are run against: installed when absent, run from a
 * folder of its own on a free port of this machine, never by its init script and never from `/etc`.
 */
export interface Counterpart {
  /** Its name and version, as it says them itself, for a line in a table: `nginx 1.22.1`. */
  readonly version: string;
  /** Ends it, waits for that, and removes its folder. */
  readonly stop: () => Promise<void>;
}

/** A reverse proxy before the service. */
export interface ReverseProxy extends Counterpart {
  /** The address that callers use, with the path that the proxy takes off when it has one; without a slash at the end. */
  readonly publicUrl: string;
  /** The certificate that it shows, in PEM, for those who check it. */
  readonly certificate: string;
}

/** What a proxy is to stand before. */
export interface ProxyOrder {
  /** The service, on this machine. */
  readonly port: number;
  /** `/por`: the path that callers use and the service does not know; '' when there is none. */
  readonly prefix: string;
}

/** How a proxy differs from what the docs have. */
export interface ProxyVariant {
  /** Further lines of its configuration. */
  readonly additions?: readonly string[];
  /** Without TLS, for callers that know no certificates but the world's. */
  readonly isPlain?: boolean;
}
