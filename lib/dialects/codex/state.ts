import type { ShownActivity } from "@/lib/dialects/activityOperations"
import { BoundedMap } from "@/lib/dialects/BoundedMap"
import type { JsonObject } from "@/lib/dialects/json"
import type { DialectTurn, ForeignTime, RunKey, TurnOperation } from "@/lib/dialects/operations"
import type { ProcessStatus } from "@/lib/dialects/session"

/** An answer of the model, item by item, until its token usage is known. */
export type PendingAnswer = {
  texts: string[]
  thinking: string[]
  calls: { id: string; name: string }[]
  startedAt: ForeignTime | undefined
  at: ForeignTime | undefined
  /** True once one of its calls has ended: what the model says next is a new answer. */
  closed: boolean
}

export type OpenCall = {
  name: string
  parameters: unknown
  at: ForeignTime | undefined
  /** The item with the call's id: a command that ran, a file that changed. */
  item: JsonObject | undefined
  child: RunKey | undefined
  stale: boolean
}

export type CodexState = ShownActivity & {
  thread: string | undefined
  started: boolean
  heldTurns: TurnOperation[]
  meta: JsonObject | undefined
  cwd: string | undefined
  model: string | undefined
  approvalPolicy: string | undefined
  answer: PendingAnswer | undefined
  /** Turns of calls that ended before the model's answer with these calls was complete. */
  heldResults: DialectTurn[]
  calls: BoundedMap<string, OpenCall>
  /** True if the file has separate records of token usage. Older versions write none. */
  usageRecords: boolean
  totalTokens: number | undefined
  lastAt: ForeignTime | undefined
  seenAt: ForeignTime | undefined
  task: string | undefined
  lastPrompt: { text: string; from: string } | undefined
  taskOpen: boolean
  promptOpen: boolean
  interrupted: boolean
  modelError: string | undefined
  lastAnswer: string | undefined
  title: string | undefined
  process: { status: ProcessStatus } | undefined
  skipped: Record<string, number>
}

export function initialState(): CodexState {
  return {
    thread: undefined,
    started: false,
    heldTurns: [],
    meta: undefined,
    cwd: undefined,
    model: undefined,
    approvalPolicy: undefined,
    answer: undefined,
    heldResults: [],
    calls: new BoundedMap(500),
    usageRecords: false,
    totalTokens: undefined,
    lastAt: undefined,
    seenAt: undefined,
    task: undefined,
    lastPrompt: undefined,
    taskOpen: false,
    promptOpen: false,
    interrupted: false,
    modelError: undefined,
    lastAnswer: undefined,
    title: undefined,
    process: undefined,
    shownProgress: "",
    shownWaiting: "",
    skipped: {},
  }
}

export function activeCalls(state: CodexState): OpenCall[] {
  return [...state.calls.values()].filter((call) => !call.stale)
}
