"use client"

import { useStore } from "zustand"
import { useShallow } from "zustand/react/shallow"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunsState } from "@/lib/live/lists/RunListState"
import { FilterField } from "./FilterField"
import type { RunFilterUse } from "./useRunFilter"

const agentsOf = (state: RunsState) =>
  [...new Set([...state.byId.values()].map((run) => run.agent_id))].sort()

/** One agent, by its id; those that the page knows of are offered. */
export function FilterAgent({ filter, set }: Pick<RunFilterUse, "filter" | "set">) {
  const agents = useStore(useLive().runs, useShallow(agentsOf))
  const commit = (agent_id: string) => {
    const { agent_id: _, ...rest } = filter
    set(agent_id === "" ? rest : { ...rest, agent_id })
    return true
  }
  return (
    <FilterField
      label="Agent"
      placeholder="Agent"
      value={filter.agent_id ?? ""}
      onCommit={commit}
      suggestions={agents}
    />
  )
}
