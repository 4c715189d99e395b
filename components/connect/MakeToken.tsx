"use client"

import { useId, useState } from "react"
import { Button } from "@/components/ui/Button"
import { CopyButton } from "@/components/ui/CopyButton"
import { type Minted, mintToken, readTokenRequest } from "./mintToken"

const LIVES = [
  { days: undefined, label: "until it is revoked" },
  { days: 1, label: "for a day" },
  { days: 30, label: "for 30 days" },
  { days: 365, label: "for a year" },
]

/** Makes a token for an agent, shows it once, and keeps it nowhere. */
export function MakeToken() {
  const [minted, setMinted] = useState<Minted>()
  const [asking, setAsking] = useState(false)
  const [problem, setProblem] = useState<string>()
  if (minted !== undefined) return <MintedToken minted={minted} onDone={() => setMinted(undefined)} />
  const make = async (form: FormData) => {
    const wish = readTokenRequest(form, Date.now())
    if ("problem" in wish) return setProblem(wish.problem)
    setAsking(true)
    const answer = await mintToken(wish)
    setAsking(false)
    setProblem("problem" in answer ? answer.problem : undefined)
    if (!("problem" in answer)) setMinted(answer)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void make(new FormData(event.currentTarget))
      }}
      className="flex flex-col gap-2"
    >
      <p>Your token may make others. One for each agent is best: it can be revoked by itself.</p>
      <div className="flex flex-wrap items-end gap-2">
        <Field name="name" label="Name" placeholder="ci" />
        <Field name="write" label="Writes as (agent ids, ci/* for all of a kind)" placeholder="ci/*" wide />
        <Lives />
        <Button type="submit" look="solid" disabled={asking}>
          {asking ? "Making …" : "Make a token"}
        </Button>
      </div>
      {problem === undefined ? null : (
        <p role="alert" className="text-failure">
          {problem}
        </p>
      )}
    </form>
  )
}

type FieldProps = { name: string; label: string; placeholder: string; wide?: boolean }

function Field({ name, label, placeholder, wide = false }: FieldProps) {
  const id = useId()
  return (
    <span className={wide ? "flex min-w-48 flex-1 flex-col" : "flex w-36 flex-col"}>
      <label htmlFor={id} className="text-small text-ink-2">
        {label}
      </label>
      <input
        id={id}
        name={name}
        required
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        className="num h-row rounded border border-line-strong bg-bg px-2"
      />
    </span>
  )
}

function Lives() {
  const id = useId()
  return (
    <span className="flex flex-col">
      <label htmlFor={id} className="text-small text-ink-2">
        Good
      </label>
      <select id={id} name="days" className="h-row rounded border border-line-strong bg-bg px-1.5">
        {LIVES.map(({ days, label }) => (
          <option key={label} value={days ?? ""}>
            {label}
          </option>
        ))}
      </select>
    </span>
  )
}

function MintedToken({ minted, onDone }: { minted: Minted; onDone: () => void }) {
  return (
    <div role="status" className="flex flex-col gap-2 border-l-2 border-success pl-3">
      <p>
        This is the token <span className="font-medium">{minted.name}</span>. It is shown this once; the
        server keeps only its hash.
      </p>
      <div className="flex min-w-0 items-center gap-2 rounded border border-line bg-surface pr-1 pl-3">
        <code className="num min-w-0 flex-1 py-2 break-all" data-token>
          {minted.token}
        </code>
        <CopyButton text={minted.token} label="Copy the token" />
      </div>
      <p className="flex items-center gap-2 text-ink-2">
        <Button onClick={onDone}>I have it</Button>
        <span>
          To end it: <code className="num">npm run token -- revoke {minted.token_id}</code>
        </span>
      </p>
    </div>
  )
}
