import { BoundedMap } from "@/lib/dialects/BoundedMap"
import type { ForeignTime, RunKey } from "@/lib/dialects/operations"

/** A call without a result so far. Large input isn't stored: the result repeats it. */
type HookCall = { name: string; input: unknown; at: ForeignTime }

/** What hooks have reported about one run: the session's own, or a sub-agent's. */
export type HookRun = {
  key: RunKey
  started: boolean
  /** True once the intent is the first prompt. Until then, the intent is generic. */
  named: boolean
  title: string | undefined
  calls: BoundedMap<string, HookCall>
  /** Ids of calls that have a turn. */
  recorded: BoundedMap<string, true>
  /** The part of an answer that has been displayed so far. */
  display: { id: string; text: string } | undefined
  lastText: string | undefined
  promptOpen: boolean
  modelError: string | undefined
  /** When the model last received something to answer. */
  lastAt: ForeignTime | undefined
}

export type HooksState = {
  root: HookRun
  children: BoundedMap<string, HookRun>
  /** Digests of recent events and when they arrived: several hooks may deliver the same event. */
  recent: BoundedMap<string, number>
}

export function hookRun(key: RunKey): HookRun {
  return {
    key,
    started: false,
    named: false,
    title: undefined,
    calls: new BoundedMap(200),
    recorded: new BoundedMap(1_000),
    display: undefined,
    lastText: undefined,
    promptOpen: false,
    modelError: undefined,
    lastAt: undefined,
  }
}
