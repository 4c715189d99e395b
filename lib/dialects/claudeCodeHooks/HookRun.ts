import { BoundedMap } from "@/lib/dialects/BoundedMap"
import type { ForeignTime, RunKey } from "@/lib/dialects/operations"

/** A call without a result yet. Large input isn't kept: the result repeats it. */
type HookCall = { name: string; input: unknown; at: ForeignTime }

/** What hooks have said about one run: a session's own, or that of a sub-agent. */
export type HookRun = {
  key: RunKey
  started: boolean
  /** The intent is the first prompt; until one is known, it is a general one. */
  named: boolean
  title: string | undefined
  calls: BoundedMap<string, HookCall>
  /** Calls that have a turn. */
  recorded: BoundedMap<string, true>
  /** The answer that is being displayed, as far as it has come. */
  display: { id: string; text: string } | undefined
  lastText: string | undefined
  promptOpen: boolean
  modelError: string | undefined
  /** When the model was last given something to answer. */
  lastAt: ForeignTime | undefined
}

export type HooksState = {
  root: HookRun
  children: BoundedMap<string, HookRun>
  /** Digests of the last events and when they came: the same one may be delivered by several hooks. */
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
