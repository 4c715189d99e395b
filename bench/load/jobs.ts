import type { PeerAddress } from "@/bench/peers/startPeer"
import { browse } from "./browse"
import { fanout } from "./fanout"
import { hold } from "./hold"
import { ingest } from "./ingest"
import { paced } from "./paced"
import { publish } from "./publish"
import type { Signals } from "./Signals"
import { storm } from "./storm"
import { unread } from "./unread"

/** Every job that a load process can run. */
const JOBS = { ingest, fanout, paced, hold, publish, unread, storm, browse }

export type JobName = keyof typeof JOBS
export type JobParams<N extends JobName> = Parameters<(typeof JOBS)[N]>[1]
export type JobResult<N extends JobName> = Awaited<ReturnType<(typeof JOBS)[N]>>

/** Runs a job by name. */
export function runJob(
  name: JobName,
  address: PeerAddress,
  params: unknown,
  signals: Signals,
): Promise<unknown> {
  // Callers can only pass the right parameters for a name, but TypeScript can't check that here.
  const job = JOBS[name] as (address: PeerAddress, params: unknown, signals: Signals) => Promise<unknown>
  return job(address, params, signals)
}
