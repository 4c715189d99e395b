import { expect, test } from "vitest"
import type { CommandReplies } from "@/lib/protocol/catalogue"
import type { RunsError, TraceEvent } from "@/lib/protocol/events"
import type { Progress, RunSummary } from "@/lib/protocol/run"
import { anOwner, aPrincipal, aTurn } from "@/lib/testing/builders"
import { settle } from "@/lib/testing/fakeClock"
import { fanoutWorld } from "@/lib/testing/fanoutWorld"
import type { Arrived, MemorySubscriber } from "@/lib/testing/memorySubscriber"
import { type SeededRandom, seededRandom } from "@/lib/testing/seededRandom"
import { slowReads } from "@/lib/testing/slowReads"
import type { RegistryListener } from "@/server/registry/RegistryEvents"
import { MemoryRunStore } from "@/server/store/MemoryRunStore"
import { placeTurn } from "@/server/store/placeTurn"
import type { AppendBatch, AppendResult } from "@/server/store/RunStore"
import type { Fanout } from "./Fanout"

const SEEDS = Number(process.env.FUZZ_SEEDS ?? 250)
const FIRST_SEED = Number(process.env.FUZZ_FIRST_SEED ?? 1)
const STEPS = 250
/** Seeds that failed once. */
const KEPT_SEEDS: readonly number[] = []

const everyone = aPrincipal()
const BOUNDS = {
  frameBytes: 1_500,
  highWaterBytes: 3_000,
  pageCacheBytes: 6_000,
  readsAtOnce: 2,
}
/** High water, a frame or page with its largest turn, and the run's own events. */
const MOST_QUEUED = BOUNDS.highWaterBytes + BOUNDS.frameBytes + 1_500 + 4_000

/** A store that also keeps the log where a checker can look at it at once, and commits when it is let. */
class LoggedStore extends MemoryRunStore {
  readonly log = new Map<string, string[]>()
  #tail: Promise<unknown> = Promise.resolve()
  readonly #wait: () => Promise<void>

  constructor(wait: () => Promise<void>) {
    super()
    this.#wait = wait
  }

  /** Writes one after the other, each taking its time; they come back in the order of their commits. */
  #write<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(async () => {
      await this.#wait()
      const result = await work()
      // Committed, and nobody here knows it yet: a read in between is ahead of what is told.
      await this.#wait()
      return result
    })
    this.#tail = done.catch(() => {})
    return done
  }

  override append(batch: AppendBatch): Promise<AppendResult> {
    return this.#write(async () => {
      const result = await super.append(batch)
      if (!result.ok || result.duplicate) return result
      const log = this.log.get(batch.run_id) ?? []
      this.log.set(batch.run_id, log)
      for (const turn of batch.turns)
        log.push(placeTurn(log.length, result.recorded_at, turn.preview ?? turn.body))
      return result
    })
  }

  override complete(end: Parameters<MemoryRunStore["complete"]>[0]) {
    return this.#write(() => super.complete(end))
  }

  override delete(wish: Parameters<MemoryRunStore["delete"]>[0]) {
    return this.#write(() => super.delete(wish))
  }

  override requestCancel(wish: Parameters<MemoryRunStore["requestCancel"]>[0]) {
    return this.#write(() => super.requestCancel(wish))
  }
}

type Mark = { subscribed: CommandReplies["runs.subscribe"]; asked: number } | { unsubscribed: string }

/** Vitest's `expect` costs more than what is checked here hundreds of thousands of times. */
function ensure(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}

/** What a client shows of one run: it takes only what the protocol lets it rely on. */
class View {
  /** By index; a turn never changes, so what was seen stays. */
  turns: string[] = []
  state: "none" | "answered" | "following" | "ended" | "deleted" = "none"
  next = 0
  run: RunSummary | undefined
  progress: Progress | null = null

  constructor(readonly log: () => readonly string[]) {}

  answered(asked: number, cursor: number): void {
    this.next = asked > cursor ? 0 : asked
    this.state = "answered"
    this.progress = null
  }

  take({ record, cursor }: TraceEvent): void {
    if (record.record === "snapshot") {
      ensure(this.state === "answered", `a snapshot while ${this.state}`)
      ensure(record.from === this.next, `a snapshot from ${record.from} instead of ${this.next}`)
      this.state = "following"
      this.run = record.run
      this.progress = record.progress ?? null
      this.#append(record.from, record.turns)
      return
    }
    ensure(this.state === "following", `${record.record} while ${this.state}`)
    if (record.record === "turns") {
      ensure(record.turns.length > 0, "no turns")
      this.progress = null
      this.#append(record.from, record.turns)
      ensure(cursor === this.next, "a cursor that isn't the turns' end")
    } else if (record.record === "progress") {
      this.progress = record.progress
    } else {
      this.run = record.run
      if (record.record !== "ended") return
      this.state = "ended"
      ensure(this.next === record.run.cursor, "ended before the last turn")
    }
  }

  #append(from: number, turns: readonly { index: number }[]): void {
    ensure(from === this.next, `gap or duplicate: ${from} at ${this.next}`)
    const log = this.log()
    for (const turn of turns) {
      const text = JSON.stringify(turn)
      ensure(turn.index === this.next && log[this.next] === text, "not stored, or stored otherwise")
      this.turns[this.next] = text
      this.next += 1
    }
  }
}

/** One viewer, over any number of connections. */
class Viewer {
  readonly views = new Map<string, View>()
  socket: MemorySubscriber

  constructor(
    readonly name: string,
    readonly world: World,
    /** How likely it is to read everything between two steps. */
    readonly eagerness: number,
  ) {
    this.socket = this.#connect()
  }

  #connect(): MemorySubscriber {
    const socket = this.world.subscriber(this.name, { stalled: true })
    socket.onArrived = (arrived) => this.#take(arrived)
    return socket
  }

  view(run_id: string): View {
    const known = this.views.get(run_id) ?? new View(() => this.world.store.log.get(run_id) ?? [])
    this.views.set(run_id, known)
    return known
  }

  subscribe(run_id: string, cursor: number): void {
    const { socket } = this
    void this.world.fanout.subscribe(socket, everyone, { run_id, cursor }).then(({ reply, begin }) => {
      if (reply.ok) socket.mark({ subscribed: reply, asked: cursor } satisfies Mark)
      begin?.()
    })
  }

  /** As one does who has read the trace, and so knows more than the room was given. */
  subscribeAhead(run_id: string): void {
    const log = this.world.store.log.get(run_id) ?? []
    this.view(run_id).turns = [...log]
    this.subscribe(run_id, log.length)
  }

  unsubscribe(run_id: string): void {
    this.world.fanout.unsubscribe(this.socket, run_id)
    this.socket.mark({ unsubscribed: run_id } satisfies Mark)
  }

  /** The connection breaks; what the viewer followed it follows again, from where it is. */
  reconnect(): void {
    this.socket.cut()
    this.world.fanout.gone(this.socket)
    this.socket = this.#connect()
    for (const [run_id, view] of this.views) {
      const followed = view.state === "following" || view.state === "answered"
      if (view.state !== "deleted") view.state = "none"
      if (followed) this.subscribe(run_id, view.next)
    }
  }

  #take({ event, payload }: Arrived): void {
    if (event === "mark") {
      const mark = payload as Mark
      if ("subscribed" in mark) this.view(mark.subscribed.run_id).answered(mark.asked, mark.subscribed.cursor)
      else this.view(mark.unsubscribed).state = "none"
    } else if (event === "runs.trace.event") {
      const told = payload as TraceEvent
      this.view(told.run_id).take(told)
    } else if (event === "runs.error") {
      const { run_id = "" } = payload as RunsError
      this.view(run_id).state = "deleted"
    }
  }
}

/** Some turns are told of by their number alone, as another node would tell of them. */
function doorbells(fanout: Fanout, random: SeededRandom): RegistryListener {
  const often = random.pick([0, 0, 0.1, 0.5])
  return {
    turnsStored: (stored) => {
      const { run_id, from, count } = stored
      random.chance(often) ? fanout.ring(run_id, from + count) : fanout.turnsStored(stored)
    },
    follows: (run_id) => fanout.follows(run_id),
    runChanged: (run) => fanout.runChanged(run),
    progressChanged: (run, progress) => fanout.progressChanged(run, progress),
    runEnded: (run, termination) => fanout.runEnded(run, termination),
    runDeleted: (run_id) => fanout.runDeleted(run_id),
  }
}

type World = ReturnType<typeof aWorld>

function aWorld(random: SeededRandom) {
  const waits: (() => void)[] = []
  const haste = random.pick([0.2, 0.6, 0.9])
  const wait = () =>
    random.chance(haste) ? Promise.resolve() : new Promise<void>((resolve) => void waits.push(resolve))
  const store = new LoggedStore(wait)
  let minted = 0
  const world = fanoutWorld({
    store,
    reads: slowReads<MemoryRunStore>(store, wait),
    bounds: BOUNDS,
    mintRunId: () => `run-${minted++}`,
    listener: (fanout) => doorbells(fanout, random),
  })
  const release = (all: boolean) => {
    for (const resolve of all ? waits.splice(0) : waits.splice(random.below(waits.length || 1), 1)) resolve()
  }
  return {
    ...world,
    store,
    waits,
    release,
    owner: anOwner(),
    run_ids: [] as string[],
    mostRuns: random.pick([1, 2, 5]),
    written: 0,
  }
}

function someTurns(world: World, random: SeededRandom) {
  const size = random.chance(0.2) ? 900 : 40
  return Array.from({ length: 1 + random.below(random.chance(0.1) ? 12 : 3) }, () =>
    aTurn({ output: `${world.written++}`.padEnd(random.below(size), "x") }),
  )
}

function write(world: World, random: SeededRandom): void {
  const { registry, owner, run_ids } = world
  const what = random.below(200)
  if (run_ids.length === 0 || (what < 5 && run_ids.length < world.mostRuns)) {
    void registry
      .start(owner, everyone, { intent: "x", agent_id: "a" })
      .then((reply) => reply.ok && run_ids.push(reply.run_id))
    return
  }
  const run_id = random.pick(run_ids)
  if (what < 150) void registry.recordTurns(owner, everyone, { run_id, turns: someTurns(world, random) })
  else if (what < 186) {
    const progress = random.chance(0.2) ? null : { text: `p${world.written++}` }
    void registry.reportProgress(owner, everyone, { run_id, progress })
  } else if (what < 192) void registry.cancel(everyone, { run_id })
  else if (what < 197) void registry.complete(owner, everyone, { run_id, outcome: { status: "done" } })
  else void registry.delete(everyone, { run_id })
}

function follow(world: World, viewers: readonly Viewer[], random: SeededRandom): void {
  const viewer = random.pick(viewers)
  const [run_id] = world.run_ids.length === 0 ? [] : [random.pick(world.run_ids)]
  if (run_id === undefined) return
  const what = random.below(100)
  const { next } = viewer.view(run_id)
  if (what < 45) viewer.subscribe(run_id, next)
  else if (what < 55) viewer.subscribe(run_id, 0)
  else if (what < 62) viewer.subscribe(run_id, random.below(next + 1))
  else if (what < 72) viewer.subscribeAhead(run_id)
  else if (what < 76) viewer.subscribe(run_id, next + 1_000)
  else if (what < 86) viewer.unsubscribe(run_id)
  else viewer.reconnect()
}

/** Lets everything that is under way come to its end. */
async function quiesce(world: World, viewers: readonly Viewer[]): Promise<void> {
  for (let round = 0, quiet = 0; quiet < 6; round++) {
    if (round > 2_000) throw new Error("never quiet")
    world.release(true)
    world.clock.advance(round % 3 === 0 ? 1_000 : 20)
    for (const viewer of viewers) viewer.socket.take(1_000)
    await settle()
    const waiting = viewers.reduce((sum, viewer) => sum + viewer.socket.waiting, world.waits.length)
    quiet = waiting === 0 ? quiet + 1 : 0
  }
}

async function checkAtRest(world: World, viewers: readonly Viewer[]): Promise<void> {
  for (const viewer of viewers) {
    for (const [run_id, view] of viewer.views) {
      if (view.state === "none" || view.state === "deleted") continue
      const row = await world.store.get(run_id)
      expect(row, `${viewer.name} follows ${run_id}, which is gone`).toBeDefined()
      expect(view.turns).toEqual(world.store.log.get(run_id) ?? [])
      expect(view.state).toBe(row?.status === "in_progress" ? "following" : "ended")
      expect(view.run?.cancel_requested_at).toBe(row?.cancel_requested_at)
      if (view.state === "following") expect(view.progress).toEqual(world.reader.progressOf(run_id) ?? null)
    }
    world.fanout.gone(viewer.socket)
  }
  expect(world.fanout.stats()).toMatchObject({ channels: 0, connections: 0 })
}

async function runSeed(seed: number): Promise<void> {
  const random = seededRandom(seed)
  const world = aWorld(random)
  const viewers = Array.from(
    { length: 1 + random.below(4) },
    (_, at) => new Viewer(`viewer-${at}`, world, random.pick([0, 0.2, 0.7])),
  )
  for (let step = 0; step < STEPS; step++) {
    const what = random.below(100)
    if (what < 45) write(world, random)
    else if (what < 55) follow(world, viewers, random)
    else if (what < 70) random.pick(viewers).socket.take(1 + random.below(3))
    else if (what < 85) world.release(random.chance(0.4))
    else world.clock.advance(random.pick([1, 8, 16, 50, 1_000]))
    if (random.chance(0.6)) await settle()
    for (const { socket, eagerness } of viewers) {
      ensure(socket.queuedBytes() < MOST_QUEUED, "too much queued")
      if (random.chance(eagerness)) socket.take(1_000)
    }
    for (const cut of world.cutOff.splice(0)) viewers.find((viewer) => viewer.socket === cut)?.reconnect()
  }
  await quiesce(world, viewers)
  await checkAtRest(world, viewers)
}

test.each([
  ["kept", KEPT_SEEDS],
  ["fresh", Array.from({ length: SEEDS }, (_, at) => FIRST_SEED + at)],
])(
  "T10 I12 I13 I14 I16: whatever happens, every view is a prefix of the log, then the log, then told of the end once: %s seeds",
  async (_, seeds) => {
    for (const seed of seeds) {
      await runSeed(seed).catch((failure: unknown) => {
        throw new Error(`seed ${seed}`, { cause: failure })
      })
    }
  },
)
