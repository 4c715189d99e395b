"use client"

import { useMemo, useState } from "react"
import { oneLine } from "@/components/ui/text/showControls"
import { findInJson } from "./findInJson"
import { JsonNode } from "./JsonNode"
import { JsonTools } from "./JsonTools"

/** A JSON value as a tree that is drawn as it is opened, with a search over all of it. */
export function JsonTree({ value, query }: { value: unknown; query: string }) {
  if (query !== "") return <JsonHits value={value} query={query} />
  return (
    <div className="num">
      <JsonNode name={undefined} value={value} path="" depth={0} />
    </div>
  )
}

function JsonHits({ value, query }: { value: unknown; query: string }) {
  const { hits, more } = useMemo(() => findInJson(value, query), [value, query])
  const [open, setOpen] = useState<string>()
  if (hits.length === 0) return <p className="text-ink-3">Nothing here matches.</p>
  return (
    <ul className="num">
      {hits.map((hit) => (
        <li key={hit.path} className="group relative flex items-start gap-2">
          <button
            type="button"
            onClick={() => setOpen(open === hit.path ? undefined : hit.path)}
            className={`min-w-0 flex-1 py-0.5 text-left ${open === hit.path ? "wrap-anywhere whitespace-pre-wrap" : "truncate"}`}
          >
            <span className="text-ink-3">{oneLine(hit.path) || "/"}</span>{" "}
            {open === hit.path ? hit.text.slice(0, 4_000) : oneLine(hit.text)}
          </button>
          <JsonTools path={hit.path} value={() => hit.text} />
        </li>
      ))}
      {more ? <li className="text-ink-3">More than 200 hits; narrow the search.</li> : null}
    </ul>
  )
}
