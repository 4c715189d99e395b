"use client"

import { useStore } from "zustand"
import { setSingleKeys, shell } from "@/components/shell/shellStore"
import { Dialog } from "@/components/ui/Dialog"
import { Kbd } from "@/components/ui/Kbd"
import { useIsMac } from "./useIsMac"

const GROUPS: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: "Everywhere",
    keys: [
      ["mod K", "go to a run, an agent or a page"],
      ["t", "theme"],
      ["?", "this list"],
      ["/", "search"],
    ],
  },
  {
    title: "In a list",
    keys: [
      ["j ↓", "next"],
      ["k ↑", "previous"],
      ["g", "first"],
      ["G", "last"],
      ["Enter", "open"],
      ["[ ]", "fold, unfold child runs"],
    ],
  },
  {
    title: "In a run",
    keys: [
      ["n N", "next, previous hit"],
      ["e E", "next, previous error"],
      [". ,", "next, previous turn of the same tool"],
      ["f", "fit"],
      ["+ -", "zoom"],
      ["Space", "play or pause"],
      ["l L", "live"],
      ["y", "copy link"],
    ],
  },
  {
    title: "In a comparison",
    keys: [
      ["j k", "next, previous line"],
      ["n p", "next, previous difference"],
      ["s", "swap sides"],
      ["c", "in the list of runs: choose one to compare"],
    ],
  },
]

const close = (keys: boolean) => shell.setState({ keys })

/** Every key, and the switch for the single letters. */
export function KeysDialog() {
  const open = useStore(shell, (state) => state.keys)
  const singleKeys = useStore(shell, (state) => state.singleKeys)
  const mod = useIsMac() ? "⌘" : "Ctrl"
  return (
    <Dialog open={open} onOpenChange={close} title="Keys" className="max-w-2xl">
      <div className="overflow-auto">
        <div className="gap-x-8 px-4 pb-2 sm:columns-2">
          {GROUPS.map((group) => (
            <section key={group.title} className="break-inside-avoid pb-4">
              <h3 className="border-b border-line pb-1 text-small text-ink-3">{group.title}</h3>
              <dl>
                {group.keys.map(([keys, does]) => (
                  <div key={keys} className="flex min-h-row items-center gap-3">
                    <dt className="flex w-20 shrink-0 gap-1">
                      {keys.split(" ").map((key) => (
                        <Kbd key={key}>{key === "mod" ? mod : key}</Kbd>
                      ))}
                    </dt>
                    <dd className="text-ink-2">{does}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
        <label className="flex items-center gap-2 border-t border-line px-4 py-3">
          <input
            type="checkbox"
            checked={singleKeys}
            onChange={(event) => setSingleKeys(event.target.checked)}
            className="size-4 accent-accent"
          />
          Single-letter keys are on
        </label>
      </div>
    </Dialog>
  )
}
