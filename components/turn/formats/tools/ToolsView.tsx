"use client"

import { OtherFields } from "@/components/turn/formats/blocks/OtherFields"
import { Marked } from "@/components/turn/text/Marked"
import { oneLine, showControls } from "@/components/ui/text/showControls"
import type { ToolDefinition } from "./readTools"

/** Definitions of tools: each with its signature, its description, and the schema of its parameters on request. */
export function ToolsView({ tools }: { tools: readonly ToolDefinition[] }) {
  return (
    <ul className="flex flex-col gap-3">
      {tools.map(({ name, description, parameters, rest }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: tools are identified by their order; the value never changes
        <li key={at} className="flex min-w-0 flex-col gap-0.5">
          <p className="num wrap-anywhere" dir="ltr">
            <span className="font-medium">
              <Marked text={oneLine(name, 200)} />
            </span>
            <span className="text-ink-2">
              <Marked text={`(${oneLine(parameters.join(", "), 2_000)})`} />
            </span>
          </p>
          {description === undefined ? null : (
            <p dir="auto" className="max-w-prose whitespace-pre-wrap wrap-anywhere text-ink-2">
              <Marked text={showControls(description)} />
            </p>
          )}
          <OtherFields fields={rest} pointer={undefined} />
        </li>
      ))}
    </ul>
  )
}
