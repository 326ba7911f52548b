import type { BidiBrowser } from 'puppeteer-core/internal/bidi/Browser.js';
import { LIMIT_MS, within } from '../within';

type Connection = BidiBrowser['connection'];
type Method = Parameters<Connection['send']>[0];
type Params<M extends Method> = Parameters<Connection['send']>[1] & Parameters<typeof sendBy<M>>[2];
type Result<M extends Method> = Awaited<ReturnType<typeof sendBy<M>>>;

/** As it is written: the protocol's types have an enumeration where it has a word. */
type Written<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]: Written<T[K]> } : T;

const sendBy = <M extends Method>(
  connection: Connection,
  method: M,
  params: Parameters<typeof connection.send<M>>[1],
) => connection.send(method, params);

/** The commands of WebDriver BiDi, each with a limit. */
export type Bidi = ReturnType<typeof bidiOf>;

/** @param connection Puppeteer's own to the browser, since a Firefox has one session alone */
export function bidiOf(connection: Connection) {
  return {
    async send<M extends Method>(method: M, params: Written<Params<M>>): Promise<Result<M>['result']> {
      const told = JSON.stringify(params).slice(0, 300);
      const answer = await within(
        `Firefox to answer ${method} ${told}`,
        sendBy(connection, method, params as Params<M>),
        LIMIT_MS,
      );
      return answer.result;
    },
    connection,
  };
}
