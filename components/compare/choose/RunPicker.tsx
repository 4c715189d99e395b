"use client"

import { type KeyboardEvent, useId, useMemo, useState } from "react"
import { GoToRow } from "@/components/shell/goTo/GoToRow"
import { goToOptions } from "@/components/shell/goTo/goToOptions"
import { useFoundRuns } from "@/components/shell/goTo/useFoundRuns"
import { useRunSummary } from "@/lib/live/hooks/useFollowedRun"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSummary } from "@/lib/protocol/run"
import { type Side, SideName } from "./SideHead"
import { suggestRuns } from "./suggestRuns"
import { useLikelyRuns } from "./useLikelyRuns"

export type RunPickerProps = {
  side: Side
  onPick: (runId: string) => void
}

/** Chooses the run for an empty side, by words or from those that are like the one on the other side. */
export function RunPicker({ other, ...rest }: RunPickerProps & { other: string | undefined }) {
  return other === undefined ? <Picker {...rest} /> : <PickerBeside {...rest} other={other} />
}

function PickerBeside({ other, ...rest }: RunPickerProps & { other: string }) {
  return <Picker {...rest} other={useRunSummary(other)} />
}

function Picker({ side, other, onPick }: RunPickerProps & { other?: RunSummary | undefined }) {
  const live = useLive()
  const [words, setWords] = useState("")
  const [chosen, setChosen] = useState(0)
  const { runs: found, searching } = useFoundRuns(words)
  const likely = useLikelyRuns(other?.agent_id)
  const list = useId()
  const options = useMemo(() => {
    const known = [...live.runs.getState().byId.values(), ...likely]
    const [among, first] = words.trim() === "" ? [[], suggestRuns(known, other)] : [known, found]
    return goToOptions(words, among, first, []).filter((option) => option.kind === "run")
  }, [live, words, found, likely, other])
  const at = Math.min(chosen, options.length - 1)
  const pick = (place: number) => {
    const option = options[place]
    if (option !== undefined) onPick(decodeURIComponent(option.href.slice("/runs/".length)))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0
    if (step !== 0) setChosen((at + step + options.length) % Math.max(1, options.length))
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) pick(at)
    else return
    event.preventDefault()
  }
  return (
    <section
      aria-label={`Run ${side.toUpperCase()}`}
      data-side={side}
      className="flex min-w-0 flex-col px-3 py-1.5"
    >
      <label className="flex items-center gap-2">
        <SideName side={side} />
        <input
          type="search"
          role="combobox"
          aria-label={`Run for ${side.toUpperCase()}`}
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={options[at] === undefined ? undefined : `${list}-${at}`}
          placeholder={
            other === undefined
              ? "A run, by its words or id …"
              : "The run to compare it with, by words or id …"
          }
          autoComplete="off"
          spellCheck={false}
          value={words}
          onChange={(event) => {
            setWords(event.target.value)
            setChosen(0)
          }}
          onKeyDown={onKeyDown}
          className="h-row min-w-0 flex-1 rounded border border-line-strong bg-bg px-2"
        />
      </label>
      <div
        id={list}
        role="listbox"
        aria-label="Runs to choose from"
        className="-mx-2 max-h-72 overflow-y-auto pt-1"
      >
        {options.map((option, place) => (
          <GoToRow
            key={option.key}
            id={`${list}-${place}`}
            option={option}
            chosen={place === at}
            onChoose={() => setChosen(place)}
            onGo={() => pick(place)}
          />
        ))}
        {options.length === 0 ? (
          <p className="px-3 py-2 text-ink-3">
            {searching ? "Searching …" : words === "" ? "No other run yet." : "No run holds these words."}
          </p>
        ) : null}
      </div>
    </section>
  )
}
