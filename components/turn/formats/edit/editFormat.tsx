"use client"

import { lazy, Suspense, useMemo } from "react"
import type { Format, FormatBodyProps } from "@/components/turn/formats/Format"
import { JsonTree } from "@/components/turn/formats/json/JsonTree"
import { strings } from "@/components/turn/strings"
import { useValueSource } from "@/components/turn/text/ValueSource"
import { readEdits } from "./readEdits"

// Comparing strings needs a library that most turns don't need.
const EditView = lazy(() => import("./EditView"))

export const editFormat: Format = {
  id: "edit",
  name: strings.formats.edit,
  detect: ({ json }) => (readEdits(json) === undefined ? "no" : "best"),
  Body: EditBody,
}

function EditBody({ input, pointer }: FormatBodyProps) {
  const edit = useMemo(() => readEdits(input.json), [input])
  const { cutAt } = useValueSource()
  const tree = <JsonTree value={input.json} query="" pointer={pointer} />
  // Strings that were cut for the wire can't be compared.
  const isCut = Object.keys(input.json ?? {}).some((key) => cutAt(`${pointer}/${key}`) !== undefined)
  if (edit === undefined || isCut) return tree
  return (
    <Suspense fallback={tree}>
      <EditView edit={edit} pointer={pointer} />
    </Suspense>
  )
}
