"use client"

import { ListFilter, X } from "lucide-react"
import { type MouseEvent, useState } from "react"
import { strings } from "@/components/runs/strings"
import { Button } from "@/components/ui/Button"
import { OUTCOME_STATUSES, RUN_STATUSES } from "@/lib/protocol/enums"
import { filterToParams } from "@/lib/protocol/runFilterParams"
import { outcomeWord } from "@/lib/trace/state/describeState"
import { FilterAgent } from "./FilterAgent"
import { FilterChoice } from "./FilterChoice"
import { FilterLabel } from "./FilterLabel"
import { FilterTime } from "./FilterTime"
import { FilterWords } from "./FilterWords"
import { isEmptyFilter } from "./PageFilter"
import type { RunFilterUse } from "./useRunFilter"
import { ViewMenu } from "./ViewMenu"

const TEXT = strings.filters
const STATUSES = RUN_STATUSES.map((id) => ({ id, text: TEXT.statuses[id] }))
const OUTCOMES = OUTCOME_STATUSES.map((id) => ({ id, text: outcomeWord(id) }))

export type FilterBarProps = RunFilterUse & {
  pendingNew: number
  moved: number
  /** Applies pending changes. */
  onApply: () => void
}

/** All filters, the view, and buttons that apply pending changes. */
export function FilterBar({ pendingNew, moved, onApply, ...view }: FilterBarProps) {
  const [isOpen, setOpen] = useState(false)
  const { filter, set, problems } = view
  const { q: _, ...rest } = filter
  const count = filterToParams(rest).size
  return (
    <search className="flex flex-wrap items-center gap-2 py-1.5 pr-3 pl-6 max-sm:pl-3">
      <FilterWords filter={filter} set={set} />
      <Button
        variant="ghost"
        className="border-line-strong sm:hidden"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <ListFilter className="size-4" /> {TEXT.toggle}
        {count > 0 ? ` ${count}` : ""}
      </Button>
      <div className={`${isOpen ? "flex" : "hidden"} flex-wrap items-center gap-2 max-sm:w-full sm:flex`}>
        <FilterChoice
          label={TEXT.status}
          choices={STATUSES}
          value={filter.status}
          onChange={(status) => set({ ...omit(filter, "status"), ...(status && { status }) })}
        />
        <FilterChoice
          label={TEXT.outcome}
          choices={OUTCOMES}
          value={filter.outcome}
          onChange={(outcome) => set({ ...omit(filter, "outcome"), ...(outcome && { outcome }) })}
        />
        <FilterAgent filter={filter} set={set} />
        <FilterLabel filter={filter} set={set} />
        <FilterTime filter={filter} set={set} />
        <ViewMenu {...view} />
        {isEmptyFilter(filter) ? null : (
          <Button variant="ghost" onClick={() => set({})}>
            <X className="size-4" /> {TEXT.clear}
          </Button>
        )}
      </div>
      <HeldChanges pendingNew={pendingNew} moved={moved} onApply={onApply} />
      {problems.length === 0 ? null : (
        <p role="alert" className="w-full text-failure">
          {TEXT.ignored} {problems.join("; ")}
        </p>
      )}
    </search>
  )
}

/** Wide enough for three digits, so that nothing moves while a number grows. */
const COUNT = "min-w-26 tabular-nums"

function HeldChanges({
  pendingNew,
  moved,
  onApply,
}: Pick<FilterBarProps, "pendingNew" | "moved" | "onApply">) {
  const { newRuns, movedRuns } = strings.grid
  return (
    <span className="ml-auto flex gap-2 empty:hidden">
      {moved > 0 ? <ApplyButton onApply={onApply}>{movedRuns(moved)}</ApplyButton> : null}
      {pendingNew > 0 ? <ApplyButton onApply={onApply}>{newRuns(pendingNew)}</ApplyButton> : null}
    </span>
  )
}

function ApplyButton({ onApply, children }: { onApply: () => void; children: string }) {
  // Pressing a button mustn't take the focus from the grid: that would apply the changes and remove the button.
  const keepFocus = (event: MouseEvent) => event.preventDefault()
  return (
    <Button
      className={COUNT}
      variant="solid"
      title={strings.grid.movedTitle}
      onMouseDown={keepFocus}
      onClick={onApply}
    >
      {children}
    </Button>
  )
}

function omit<T extends object, K extends keyof T>(from: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = from
  return rest
}
