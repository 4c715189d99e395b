"use client"

import { lazy, Suspense } from "react"
import { type FormatChoice, isFlatTable, type ValueFormat } from "./chooseFormat"
import { DiffText } from "./diff/DiffText"
import { DataImage } from "./image/DataImage"
import { JsonTree } from "./json/JsonTree"
import { TableView } from "./table/TableView"
import { TerminalText } from "./terminal/TerminalText"
import { PlainText } from "./text/PlainText"

// A page of an older build, or one that has lost the server, can't have it any more: the text is shown all the same.
const MarkdownText = lazy(() => import("./markdown/MarkdownText").catch(() => ({ default: PlainText })))

export type FormatBodyProps = { form: ValueFormat; choice: FormatChoice; query: string }

/** A value in one of its forms. */
export function FormatBody({ form, choice, query }: FormatBodyProps) {
  switch (form) {
    case "json":
      return <JsonTree value={choice.json} query={query} />
    case "table":
      return isFlatTable(choice.json) ? <TableView rows={choice.json} /> : <PlainText text={choice.text} />
    case "terminal":
      return <TerminalText text={choice.text} />
    case "markdown":
      return (
        <Suspense fallback={<PlainText text={choice.text} />}>
          <MarkdownText text={choice.text} />
        </Suspense>
      )
    case "diff":
      return <DiffText text={choice.text} />
    case "image":
      return <DataImage source={choice.text} />
    case "text":
      return <PlainText text={choice.text} />
  }
}
