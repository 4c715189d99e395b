"use client"

import { ListFilter, X } from "lucide-react"
import { useState } from "react"
import { Button } from "@/components/ui/Button"
import { filterToParams } from "@/lib/protocol/runFilterParams"
import { OUTCOME_STATUSES, RUN_STATUSES } from "@/lib/protocol/words"
import { outcomeWord } from "@/lib/trace/state/describeState"
import { FilterAgent } from "./FilterAgent"
import { FilterChoice } from "./FilterChoice"
import { FilterLabel } from "./FilterLabel"
import { FilterTime } from "./FilterTime"
import { FilterWords } from "./FilterWords"
import { isEmptyFilter, type RunFilterUse } from "./useRunFilter"

const STATUSES = RUN_STATUSES.map((id) => ({ id, word: id.replace("_", " ") }))
const OUTCOMES = OUTCOME_STATUSES.map((id) => ({ id, word: outcomeWord(id) }))

export type FilterBarProps = Pick<RunFilterUse, "filter" | "set"> & {
  pendingNew: number
  onShowNew: () => void
}

/** Everything that a list can be narrowed by, and the button that lets held-back runs in. */
export function FilterBar({ filter, set, pendingNew, onShowNew }: FilterBarProps) {
  const [open, setOpen] = useState(false)
  const { q: _, ...rest } = filter
  const count = filterToParams(rest).size
  return (
    <search className="flex flex-wrap items-center gap-2 py-1.5 pr-3 pl-6 max-sm:pl-3">
      <FilterWords filter={filter} set={set} />
      <Button
        look="ghost"
        className="border-line-strong sm:hidden"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <ListFilter className="size-4" /> Filters{count > 0 ? ` ${count}` : ""}
      </Button>
      <div className={`${open ? "flex" : "hidden"} flex-wrap items-center gap-2 max-sm:w-full sm:flex`}>
        <FilterChoice
          label="Status"
          choices={STATUSES}
          value={filter.status}
          onChange={(status) => set({ ...omit(filter, "status"), ...(status && { status }) })}
        />
        <FilterChoice
          label="Outcome"
          choices={OUTCOMES}
          value={filter.outcome}
          onChange={(outcome) => set({ ...omit(filter, "outcome"), ...(outcome && { outcome }) })}
        />
        <FilterAgent filter={filter} set={set} />
        <FilterLabel filter={filter} set={set} />
        <FilterTime filter={filter} set={set} />
        {isEmptyFilter(filter) ? null : (
          <Button look="ghost" onClick={() => set({})}>
            <X className="size-4" /> Clear
          </Button>
        )}
      </div>
      {pendingNew > 0 ? <NewRuns count={pendingNew} onShow={onShowNew} /> : null}
    </search>
  )
}

function NewRuns({ count, onShow }: { count: number; onShow: () => void }) {
  return (
    <Button look="solid" onClick={onShow} className="ml-auto">
      {count} new {count === 1 ? "run" : "runs"}
    </Button>
  )
}

function omit<T extends object, K extends keyof T>(from: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = from
  return rest
}
