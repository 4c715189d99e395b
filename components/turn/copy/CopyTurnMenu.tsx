"use client"

import { Check, Copy, TriangleAlert } from "lucide-react"
import { useEffect, useState } from "react"
import { printJson } from "@/components/turn/formats/json/parseJson"
import { strings } from "@/components/turn/strings"
import { buttonClass } from "@/components/ui/Button"
import { copyText } from "@/components/ui/CopyButton"
import { Menu, MenuItem } from "@/components/ui/menu/Menu"
import { basePath } from "@/lib/live/pagePath"
import type { RunTurn } from "@/lib/protocol/turn"
import { turnCurl, turnMarkdown, turnMessages } from "./turnText"

const TEXT = strings.copyTurn
/** How long the result of copying is shown, ms. */
const FEEDBACK_MS = 1_600

export type CopyTurnMenuProps = {
  runId: string
  turn: RunTurn | undefined
  loadFull: () => Promise<RunTurn | undefined>
  link: () => string
}

/** Copies the turn, always in full, in one of several formats. */
export function CopyTurnMenu({ runId, turn, loadFull, link }: CopyTurnMenuProps) {
  const [result, setResult] = useState<"copied" | "failed">()
  useEffect(() => {
    if (result === undefined) return
    const timer = setTimeout(() => setResult(undefined), FEEDBACK_MS)
    return () => clearTimeout(timer)
  }, [result])
  const copy = async (text: () => string | Promise<string>) => {
    try {
      await copyText(await text())
      setResult("copied")
    } catch {
      setResult("failed")
    }
  }
  const copyTurn = (print: (turn: RunTurn) => string) =>
    copy(async () => {
      const full = turn?.truncated === undefined ? turn : await loadFull()
      if (full === undefined) throw new Error("the turn isn't available")
      return print(full)
    })
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={TEXT.label}
          title={result === undefined ? TEXT.label : TEXT[result]}
          className={buttonClass("ghost", "w-row p-0! [&_svg]:size-4")}
        >
          {result === undefined ? <Copy /> : result === "copied" ? <Check /> : <TriangleAlert />}
        </button>
      }
    >
      <MenuItem onSelect={() => void copyTurn(printJson)} disabled={turn === undefined}>
        {TEXT.json}
      </MenuItem>
      <MenuItem onSelect={() => void copyTurn(turnMarkdown)} disabled={turn === undefined}>
        {TEXT.markdown}
      </MenuItem>
      <MenuItem
        onSelect={() => void copyTurn((full) => printJson(turnMessages(full)))}
        disabled={turn === undefined}
        hint={TEXT.messagesHint}
      >
        {TEXT.messages}
      </MenuItem>
      <MenuItem onSelect={() => void copy(link)}>{TEXT.link}</MenuItem>
      <MenuItem
        onSelect={() =>
          void copy(() => turnCurl(window.location.origin + basePath(), runId, turn?.index ?? 0))
        }
        disabled={turn === undefined}
      >
        {TEXT.curl}
      </MenuItem>
    </Menu>
  )
}
