import type { PeerAddress } from "@/bench/peers/startPeer"
import { browse } from "./browse"
import { fanout } from "./fanout"
import { hold } from "./hold"
import { ingest } from "./ingest"
import { paced } from "./paced"
import { publish } from "./publish"
import { storm } from "./storm"
import type { Talk } from "./Talk"
import { unread } from "./unread"

/** Everything that a load process can do. */
export const JOBS = { ingest, fanout, paced, hold, publish, unread, storm, browse }

export type JobName = keyof typeof JOBS
export type JobParams<N extends JobName> = Parameters<(typeof JOBS)[N]>[1]
export type JobResult<N extends JobName> = Awaited<ReturnType<(typeof JOBS)[N]>>

/** Runs a job by its name. */
export function runJob(name: JobName, address: PeerAddress, params: unknown, talk: Talk): Promise<unknown> {
  // Name and parameters belong together where the job was asked for; the union doesn't show it.
  const job = JOBS[name] as (address: PeerAddress, params: unknown, talk: Talk) => Promise<unknown>
  return job(address, params, talk)
}
