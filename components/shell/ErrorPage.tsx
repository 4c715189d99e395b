import { Button, buttonClass } from "@/components/ui/Button"
import { pagePath } from "@/lib/live/pagePath"
import { EndPage } from "./EndPage"
import { strings } from "./strings"

export type ErrorPageProps = { error: Error & { digest?: string }; onRetry: () => void }

/** Shown instead of a page that threw while rendering. */
export function ErrorPage({ error, onRetry }: ErrorPageProps) {
  return (
    <EndPage
      title={strings.errorPage.title}
      actions={
        <>
          <Button variant="solid" onClick={onRetry}>
            {strings.tryAgain}
          </Button>
          <a href={pagePath("/")} className={buttonClass()}>
            {strings.allRuns}
          </a>
        </>
      }
    >
      <p>{strings.errorPage.text}</p>
      <p className="num break-words text-ink-3">{error.digest ?? error.message.slice(0, 300)}</p>
    </EndPage>
  )
}
