import { buttonClass } from "@/components/ui/Button"

const REASONS: Record<string, string> = {
  wrong: "That token is not known here: mistyped, revoked, or of another server.",
  ended: "Your session has ended. Nothing is lost; sign in to go on.",
}

/** The way in: a plain form that needs no script. */
export function SignInPage({ reason }: { reason: string | undefined }) {
  const said = reason !== undefined && Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined
  return (
    <main data-page="sign-in" className="mx-auto flex max-w-md flex-col gap-5 px-4 pt-[16vh] pb-16">
      <header>
        <h1 className="text-page font-semibold tracking-tight">Turnline</h1>
        <p className="text-ink-2">What every agent is doing, and whether it is all right.</p>
      </header>
      {said === undefined ? null : (
        <p role="alert" className="border-l-2 border-failure pl-3 text-ink">
          {said}
        </p>
      )}
      <form method="post" action="/api/sign-in" className="flex flex-col gap-2">
        <label htmlFor="token" className="font-medium">
          Token
        </label>
        <input
          id="token"
          name="token"
          type="password"
          required
          // biome-ignore lint/a11y/noAutofocus: the page has this one thing to do
          autoFocus
          autoComplete="off"
          spellCheck={false}
          placeholder="tl_…"
          aria-invalid={reason === "wrong"}
          className="num h-9 rounded border border-line-strong bg-surface px-2.5 text-ink aria-invalid:border-failure"
        />
        <button type="submit" className={buttonClass("solid", "mt-1 h-9")}>
          Sign in
        </button>
      </form>
      <footer className="flex flex-col gap-2 border-t border-line pt-4 text-ink-2">
        <p>The server printed a sign-in link when it started. The same is in its data directory:</p>
        <pre className="num break-words whitespace-pre-wrap text-ink">cat .turnline/viewer.token</pre>
        <p>Or make one:</p>
        <pre className="num break-words whitespace-pre-wrap text-ink">
          npm run token -- create me --read all
        </pre>
      </footer>
    </main>
  )
}
