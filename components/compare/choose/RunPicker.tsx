"use client"

import { Command } from "cmdk"
import { useMemo, useState } from "react"
import { strings } from "@/components/compare/strings"
import { GoToItem } from "@/components/shell/goTo/GoToItem"
import { runOptions } from "@/components/shell/goTo/goToOptions"
import { useFoundRuns } from "@/components/shell/goTo/useFoundRuns"
import { useRunSummary } from "@/lib/live/hooks/useFollowedRun"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSummary } from "@/lib/protocol/run"
import { type Side, SideName } from "./SideHead"
import { suggestRuns } from "./suggestRuns"
import { useLikelyRuns } from "./useLikelyRuns"

const TEXT = strings.picker

export type RunPickerProps = {
  side: Side
  onPick: (runId: string) => void
}

/** Chooses the run for an empty side, by search or among runs similar to the other one. */
export function RunPicker({ other, ...rest }: RunPickerProps & { other: string | undefined }) {
  return other === undefined ? <Picker {...rest} /> : <PickerBeside {...rest} other={other} />
}

function PickerBeside({ other, ...rest }: RunPickerProps & { other: string }) {
  return <Picker {...rest} other={useRunSummary(other)} />
}

function Picker({ side, other, onPick }: RunPickerProps & { other?: RunSummary | undefined }) {
  const live = useLive()
  const [query, setQuery] = useState("")
  const { runs: found, searching } = useFoundRuns(query)
  const likely = useLikelyRuns(other?.agent_id)
  const options = useMemo(() => {
    const known = suggestRuns([...live.runs.getState().byId.values(), ...likely], other)
    const others = found.filter((run) => run.run_id !== other?.run_id)
    return runOptions(query, known, others)
  }, [live, query, found, likely, other])
  const name = side.toUpperCase()
  return (
    <section
      aria-label={strings.runName(name)}
      data-side={side}
      className="flex min-w-0 flex-col px-3 py-1.5"
    >
      <Command label={TEXT.field(name)} shouldFilter={false} vimBindings={false} loop className="contents">
        <div className="flex items-center gap-2">
          <SideName side={side} />
          <Command.Input
            placeholder={other === undefined ? TEXT.any : TEXT.other}
            value={query}
            onValueChange={setQuery}
            className="h-row min-w-0 flex-1 rounded border border-line-strong bg-bg px-2"
          />
        </div>
        <Command.List label={TEXT.results} className="-mx-2 max-h-72 overflow-y-auto pt-1">
          {options.map((option) => (
            <GoToItem key={option.key} option={option} onSelect={() => onPick(option.runId)} />
          ))}
          {options.length === 0 ? (
            <p className="px-3 py-2 text-ink-3">
              {searching ? TEXT.searching : query === "" ? TEXT.none : TEXT.noResults}
            </p>
          ) : null}
        </Command.List>
      </Command>
    </section>
  )
}
