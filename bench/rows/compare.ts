import type { JobName, JobParams, JobResult } from "@/bench/load/jobs"
import { type Loaded, LoadProcess } from "@/bench/load/LoadProcess"
import { type Peer, startBare, startOurs } from "@/bench/peers/startPeer"
import { median } from "@/bench/statistics"
import { processorSeconds } from "@/e2e/kit/processMemory"
import { brief, type RowContext, type RowResult } from "./Row"

/**
 * If the load process's event loop is delayed by more than this, the round is discarded: the load generator was the
 * bottleneck, not the server.
 */
const VOID_LOOP_DELAY_MS = 50
const TRIES = 3

/** Runs a job, and up to two more times if the round is void. Resolves to undefined if every round was void. */
export async function measured<N extends JobName>(
  load: LoadProcess,
  job: N,
  peer: Peer,
  params: JobParams<N>,
  context: RowContext,
): Promise<JobResult<N> | undefined> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const before = processorSeconds(peer.pid)
    const { result, loopDelayMs }: Loaded<N> = await load.run(job, peer.address, params)
    const used = processorSeconds(peer.pid) - before
    context.say(
      `${peer.name}: ${JSON.stringify(result)}; server ${used.toFixed(1)} s CPU time, load process's event loop ${loopDelayMs.toFixed(1)} ms late`,
    )
    if (loopDelayMs <= VOID_LOOP_DELAY_MS) return result
  }
  return undefined
}

/** Runs one job against each server, alternately. Returns the medians of one figure for comparison. */
export async function compare<N extends JobName>(
  context: RowContext,
  options: {
    job: N
    params: JobParams<N>
    /** Returns the figure from a round's result. It may query the server. */
    figure: (result: JobResult<N>, peer: Peer) => number | Promise<number>
    /** Runs right before the round. */
    before?: (peer: Peer) => Promise<unknown>
    unit: string
    met: (ours: number, bare: number) => boolean
    /** If true, plain Socket.IO that flushes each command to a file is measured, too. */
    flushed?: boolean
  },
): Promise<RowResult> {
  const peers = [await startOurs(), await startBare()]
  if (options.flushed === true) peers.push(await startBare("flushed"))
  const load = new LoadProcess()
  const figures: Record<Peer["name"], number[]> = { ours: [], bare: [], flushed: [] }
  try {
    for (let round = 0; round < context.rounds; round++)
      for (const peer of peers) {
        await options.before?.(peer)
        const result = await measured(load, options.job, peer, options.params, context)
        if (result !== undefined) figures[peer.name].push(await options.figure(result, peer))
      }
  } finally {
    await load.close()
    await Promise.all(peers.map((peer) => peer.stop()))
  }
  const ours = median(figures.ours)
  const bare = median(figures.bare)
  const isVoid = Number.isNaN(ours) || Number.isNaN(bare)
  const voids = 2 * context.rounds - figures.ours.length - figures.bare.length
  return {
    ours: `${brief(ours)} ${options.unit}`,
    bare: `${brief(bare)} ${options.unit}`,
    ratio: brief(ours / bare),
    ...(options.flushed === true && { flushed: `${brief(median(figures.flushed))} ${options.unit}` }),
    met: isVoid ? undefined : options.met(ours, bare),
    ...(voids > 0 && { note: `${voids} void` }),
  }
}
