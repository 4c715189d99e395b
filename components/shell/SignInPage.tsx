import { buttonClass } from "@/components/ui/Button"
import { pagePath } from "@/lib/live/pagePath"
import { strings } from "./strings"

const TEXT = strings.signInPage
const REASONS: Record<string, string> = { wrong: TEXT.wrong, ended: TEXT.ended }

/** The sign-in form. Works without JavaScript. `reason` explains why the viewer was sent here. */
export function SignInPage({ reason }: { reason: string | undefined }) {
  const message = reason !== undefined && Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined
  return (
    <main data-page="sign-in" className="mx-auto flex max-w-md flex-col gap-5 px-4 pt-[16vh] pb-16">
      <header>
        <h1 className="text-page font-semibold tracking-tight">{strings.product}</h1>
        <p className="text-ink-2">{strings.tagline}</p>
      </header>
      {message === undefined ? null : (
        <p role="alert" className="border-l-2 border-failure pl-3 text-ink">
          {message}
        </p>
      )}
      <form method="post" action={pagePath("/api/sign-in")} className="flex flex-col gap-2">
        <label htmlFor="token" className="font-medium">
          {TEXT.token}
        </label>
        <input
          id="token"
          name="token"
          type="password"
          required
          // biome-ignore lint/a11y/noAutofocus: the form has a single field
          autoFocus
          autoComplete="off"
          spellCheck={false}
          placeholder="tl_…"
          aria-invalid={reason === "wrong"}
          className="num h-9 rounded border border-line-strong bg-surface px-2.5 text-ink aria-invalid:border-failure"
        />
        <button type="submit" className={buttonClass("solid", "mt-1 h-9")}>
          {strings.signIn}
        </button>
      </form>
      <footer className="flex flex-col gap-2 border-t border-line pt-4 text-ink-2">
        <p>{TEXT.where}</p>
        <pre className="num break-words whitespace-pre-wrap text-ink">{`cat ${tokenFile()}`}</pre>
        <p>{TEXT.create}</p>
        <pre className="num break-words whitespace-pre-wrap text-ink">
          npm run token -- create me --read all
        </pre>
      </footer>
    </main>
  )
}

/** Returns the file with the viewer's token. The path of a custom data directory isn't shown before signing in. */
function tokenFile(): string {
  const isDefault = globalThis.turnlineDeployment?.isDefaultDataDir ?? true
  return isDefault ? ".turnline/viewer.token" : '"$TURNLINE_DATA_DIR/viewer.token"'
}
