"use client"

import { useMemo } from "react"
import { useStore } from "zustand"
import { useShallow } from "zustand/react/shallow"
import { strings } from "@/components/runs/strings"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunsState } from "@/lib/live/lists/RunListState"
import { FilterField } from "./FilterField"
import { findAgent, type KnownAgent, knownAgents, similarAgent } from "./knownAgents"
import type { RunFilterUse } from "./useRunFilter"

const TEXT = strings.filters
const AGENT_ID = /^[A-Za-z0-9._:/@-]{1,128}$/
const SEPARATOR = "\n"

/** One agent, by the name that is shown or by its id. */
export function FilterAgent({ filter, set }: Pick<RunFilterUse, "filter" | "set">) {
  const agents = useKnownAgents()
  const selected = filter.agent_id
  const { agent_id: _, ...rest } = filter
  const onCommit = (text: string) => {
    if (text === "") {
      set(rest)
      return undefined
    }
    const id = findAgent(agents, text)?.id ?? (AGENT_ID.test(text) ? text : undefined)
    if (id === undefined) return unknownAgent(agents, text)
    set({ ...rest, agent_id: id })
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

/** Says that no agent has this name, and which one was probably meant. */
function unknownAgent(agents: readonly KnownAgent[], text: string): string {
  const similar = similarAgent(agents, text)
  return [TEXT.unknownAgent(text), similar && TEXT.didYouMean(similar.name)].filter(Boolean).join(" ")
}

/** The agents of all loaded runs. Changes only when there is a new one. */
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
