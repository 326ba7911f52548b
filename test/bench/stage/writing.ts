import type { BenchService } from './service';

/** The variable that tells the program of writers what to do: an access token is in it, which no list of processes shows. */
export const WRITING = 'BENCH_WRITING';

export interface Writing {
  /** By the service, or by the statements that it sends for a change, in the order that it sends them. */
  readonly how: 'service' | 'bare';
  readonly service: BenchService;
  readonly clients: number;
  readonly changesEach: number;
  /** Another number each time, for the one change that is listened to takes effect only with another partner than before. */
  readonly partner: number;
}
