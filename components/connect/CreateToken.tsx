"use client"

import { useId, useState } from "react"
import { Button } from "@/components/ui/Button"
import { CopyButton } from "@/components/ui/CopyButton"
import { useSession } from "@/lib/live/hooks/useConnection"
import { tokenCommand } from "./dataDir"
import { type MintedToken, mintToken, readTokenRequest } from "./mintToken"
import { strings } from "./strings"

const TEXT = strings.token
const EXPIRIES = [
  { days: "", label: TEXT.expiries.never },
  { days: "1", label: TEXT.expiries.day },
  { days: "30", label: TEXT.expiries.month },
  { days: "365", label: TEXT.expiries.year },
]

/** A form that creates a token for an agent and shows it once. The token is never stored in the browser. */
export function CreateToken() {
  const [minted, setMinted] = useState<MintedToken>()
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string>()
  if (minted !== undefined) return <CreatedToken minted={minted} onDone={() => setMinted(undefined)} />
  const create = async (form: FormData) => {
    const request = readTokenRequest(form, Date.now())
    if ("error" in request) return setError(request.error)
    setPending(true)
    const reply = await mintToken(request)
    setPending(false)
    setError("error" in reply ? reply.error : undefined)
    if (!("error" in reply)) setMinted(reply)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void create(new FormData(event.currentTarget))
      }}
      className="flex flex-col gap-2"
    >
      <p>{TEXT.mayCreate}</p>
      <div className="flex flex-wrap items-end gap-2">
        <Field name="name" label={TEXT.name} placeholder="ci" />
        <Field name="write" label={TEXT.write} placeholder="ci/*" wide />
        <ExpirySelect />
        <Button type="submit" variant="solid" disabled={pending}>
          {pending ? TEXT.creating : TEXT.create}
        </Button>
      </div>
      {error === undefined ? null : (
        <p role="alert" className="text-failure">
          {error}
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

function ExpirySelect() {
  const id = useId()
  return (
    <span className="flex flex-col">
      <label htmlFor={id} className="text-small text-ink-2">
        {TEXT.expires}
      </label>
      <select id={id} name="days" className="h-row rounded border border-line-strong bg-bg px-1.5">
        {EXPIRIES.map(({ days, label }) => (
          <option key={label} value={days}>
            {label}
          </option>
        ))}
      </select>
    </span>
  )
}

function CreatedToken({ minted, onDone }: { minted: MintedToken; onDone: () => void }) {
  const session = useSession()
  return (
    <div role="status" className="flex flex-col gap-2 border-l-2 border-success pl-3">
      <p>{TEXT.created(minted.name)}</p>
      <div className="flex min-w-0 items-center gap-2 rounded border border-line bg-surface pr-1 pl-3">
        <code className="num min-w-0 flex-1 py-2 break-all" data-token>
          {minted.token}
        </code>
        <CopyButton text={minted.token} label={TEXT.copy} />
      </div>
      <p className="flex items-center gap-2 text-ink-2">
        <Button onClick={onDone}>{TEXT.done}</Button>
        <span>
          {TEXT.revoke} <code className="num">{tokenCommand(session, `revoke ${minted.token_id}`)}</code>
        </span>
      </p>
    </div>
  )
}
