"use client"

import { useRouter } from "next/navigation"
import { type KeyboardEvent, useMemo, useState } from "react"
import { useStore } from "zustand"
import { shell } from "@/components/shell/shellStore"
import { toggleTheme } from "@/components/shell/theme"
import { Dialog } from "@/components/ui/Dialog"
import { useLive } from "@/lib/live/LiveProvider"
import { GoToRow } from "./GoToRow"
import { type GoToOption, goToOptions } from "./goToOptions"
import { useFoundRuns } from "./useFoundRuns"

const OTHERS: readonly GoToOption[] = [
  { kind: "page", key: "page runs", label: "Runs", hint: "page", href: "/" },
  { kind: "page", key: "page compare", label: "Compare two runs", hint: "page", href: "/compare" },
  { kind: "page", key: "page connect", label: "Connect an agent", hint: "page", href: "/connect" },
  { kind: "action", key: "theme", label: "Switch the theme", hint: "t", act: toggleTheme },
  {
    kind: "action",
    key: "keys",
    label: "Show the keys",
    hint: "?",
    act: () => shell.setState({ keys: true }),
  },
]

const setOpen = (goTo: boolean) => shell.setState({ goTo })

/** Ctrl or Cmd K: to a run, an agent, a page, by a few words. */
export function GoToDialog() {
  const open = useStore(shell, (state) => state.goTo)
  return (
    <Dialog open={open} onOpenChange={setOpen} title="Go to" bare className="max-w-xl">
      <GoTo />
    </Dialog>
  )
}

function GoTo() {
  const router = useRouter()
  const live = useLive()
  const [words, setWords] = useState("")
  const [chosen, setChosen] = useState(0)
  const { runs, searching } = useFoundRuns(words)
  // What is known is read as of the last key: rows must not move under the finger because data came.
  const options = useMemo(
    () => goToOptions(words, live.runs.getState().byId.values(), runs, OTHERS),
    [words, runs, live],
  )
  const at = Math.min(chosen, options.length - 1)
  const go = (option: GoToOption | undefined) => {
    if (option === undefined) return
    setOpen(false)
    if (option.kind === "action") option.act()
    else router.push(option.href)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0
    if (step !== 0) setChosen((at + step + options.length) % Math.max(1, options.length))
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) go(options[at])
    else return
    event.preventDefault()
  }
  return (
    <>
      <input
        type="search"
        role="combobox"
        aria-label="Run, agent or page"
        aria-expanded="true"
        aria-controls="go-to"
        aria-activedescendant={options[at] === undefined ? undefined : `go-to-${at}`}
        placeholder="A run, an agent, a page…"
        autoComplete="off"
        spellCheck={false}
        value={words}
        onChange={(event) => {
          setWords(event.target.value)
          setChosen(0)
        }}
        onKeyDown={onKeyDown}
        className="h-11 w-full border-b border-line bg-transparent px-4 text-title outline-none"
      />
      <div id="go-to" role="listbox" aria-label="Where to go" className="min-h-24 overflow-y-auto p-1">
        {options.map((option, k) => (
          <GoToRow
            key={option.key}
            id={`go-to-${k}`}
            option={option}
            chosen={k === at}
            onChoose={() => setChosen(k)}
            onGo={() => go(option)}
          />
        ))}
        {options.length === 0 ? (
          <p className="px-3 py-4 text-ink-3">{searching ? "Searching…" : "Nothing holds these words."}</p>
        ) : null}
      </div>
    </>
  )
}
