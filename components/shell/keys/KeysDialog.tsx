"use client"

import { useStore } from "zustand"
import { shell } from "@/components/shell/shellStore"
import { strings } from "@/components/shell/strings"
import { Dialog } from "@/components/ui/Dialog"
import { Kbd } from "@/components/ui/Kbd"
import { useIsMac } from "./useIsMac"

const TEXT = strings.keys
const GROUPS: readonly { title: string; keys: readonly (readonly [keys: string, action: string])[] }[] = [
  {
    title: TEXT.everywhere,
    keys: [
      ["mod K", TEXT.goTo],
      ["t", TEXT.theme],
      ["?", TEXT.thisList],
      ["/", TEXT.search],
    ],
  },
  {
    title: TEXT.inList,
    keys: [
      ["j ↓", TEXT.next],
      ["k ↑", TEXT.previous],
      ["g", TEXT.first],
      ["G", TEXT.last],
      ["Enter", TEXT.open],
      ["[ ]", TEXT.fold],
    ],
  },
  {
    title: TEXT.inRun,
    keys: [
      ["n N", TEXT.hits],
      ["e E", TEXT.errors],
      [". ,", TEXT.sameTool],
      ["f", TEXT.fit],
      ["+ -", TEXT.zoom],
      ["Space", TEXT.play],
      ["l L", TEXT.live],
      ["y", TEXT.copyLink],
    ],
  },
  {
    title: TEXT.inComparison,
    keys: [
      ["j k", TEXT.lines],
      ["n p", TEXT.differences],
      ["s", TEXT.swap],
      ["c", TEXT.compare],
    ],
  },
]

const setOpen = (keysOpen: boolean) => shell.setState({ keysOpen })

/** Lists all keyboard shortcuts, with the switch that disables single letters. */
export function KeysDialog() {
  const open = useStore(shell, (state) => state.keysOpen)
  const singleKeys = useStore(shell, (state) => state.singleKeys)
  const mod = useIsMac() ? "⌘" : "Ctrl"
  return (
    <Dialog open={open} onOpenChange={setOpen} title={TEXT.title} className="max-w-2xl">
      <div className="overflow-auto">
        <div className="gap-x-8 px-4 pb-2 sm:columns-2">
          {GROUPS.map((group) => (
            <section key={group.title} className="break-inside-avoid pb-4">
              <h3 className="border-b border-line pb-1 text-small text-ink-3">{group.title}</h3>
              <dl>
                {group.keys.map(([keys, action]) => (
                  <div key={keys} className="flex min-h-row items-center gap-3">
                    <dt className="flex w-20 shrink-0 gap-1">
                      {keys.split(" ").map((key) => (
                        <Kbd key={key}>{key === "mod" ? mod : key}</Kbd>
                      ))}
                    </dt>
                    <dd className="text-ink-2">{action}</dd>
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
            onChange={(event) => shell.setState({ singleKeys: event.target.checked })}
            className="size-4 accent-accent"
          />
          {TEXT.singleKeysOn}
        </label>
      </div>
    </Dialog>
  )
}
