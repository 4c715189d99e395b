"use client"

import { useMemo } from "react"
import { DiffText } from "@/components/turn/formats/diff/DiffText"
import { JsonTree } from "@/components/turn/formats/json/JsonTree"
import { editDiff } from "./editDiff"
import type { FileEdit } from "./readEdits"

export type EditViewProps = { edit: FileEdit; pointer: string | undefined }

/** An edit as a diff, below the tool's other parameters. */
export default function EditView({ edit, pointer }: EditViewProps) {
  const diffs = useMemo(() => edit.edits.map(editDiff), [edit])
  return (
    <div className="flex flex-col gap-2">
      {Object.keys(edit.rest).length === 0 ? null : <JsonTree value={edit.rest} query="" pointer={pointer} />}
      {diffs.map((diff, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: edits are identified by their order; the value never changes
        <DiffText key={at} text={diff} pointer={undefined} isUnnumbered />
      ))}
    </div>
  )
}
