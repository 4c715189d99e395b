"use client"

import { useMemo } from "react"
import { useStore } from "zustand"
import { useShallow } from "zustand/react/shallow"
import { strings } from "@/components/runs/strings"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunsState } from "@/lib/live/lists/RunListState"
import { FilterField } from "./FilterField"
import { findAgent, type KnownAgent, knownAgents } from "./knownAgents"
import type { RunFilterUse } from "./useRunFilter"

const TEXT = strings.filters
const SEPARATOR = "\n"

/**
 * Filters by one agent, by its displayed name or its id. Any other text is sent as it is, because the server also knows
 * agents that aren't loaded.
 */
export function FilterAgent({ filter, set }: Pick<RunFilterUse, "filter" | "set">) {
  const agents = useKnownAgents()
  const { agent_id, agent: selected = agent_id, ...rest } = filter
  const onCommit = (text: string) => {
    set(text === "" ? rest : { ...rest, agent: findAgent(agents, text)?.id ?? text })
    return undefined
  }
  return (
    <FilterField
      label={TEXT.agent}
      placeholder={TEXT.agent}
      value={agents.find(({ id }) => id === selected)?.name ?? selected ?? ""}
      onCommit={onCommit}
      suggestions={agents.map(({ id, name }) => ({ value: name, label: id }))}
    />
  )
}

/** Returns the agents of all loaded runs. Changes only when there is a new one. */
function useKnownAgents(): readonly KnownAgent[] {
  const pairs = useStore(useLive().runs, useShallow(agentPairs))
  return useMemo(
    () =>
      pairs.map((pair) => {
        const [id = "", name = ""] = pair.split(SEPARATOR)
        return { id, name }
      }),
    [pairs],
  )
}

function agentPairs({ byId }: RunsState): string[] {
  return knownAgents(byId.values()).map(({ id, name }) => id + SEPARATOR + name.replaceAll(SEPARATOR, " "))
}
