import { Button, buttonClass } from "@/components/ui/Button"
import { EndPage } from "./EndPage"

export type ErrorPageProps = { error: Error & { digest?: string }; onRetry: () => void }

/** A page that could not be drawn. */
export function ErrorPage({ error, onRetry }: ErrorPageProps) {
  return (
    <EndPage
      title="This page could not be drawn"
      actions={
        <>
          <Button look="solid" onClick={onRetry}>
            Try again
          </Button>
          <a href="/" className={buttonClass()}>
            All runs
          </a>
        </>
      }
    >
      <p>
        Nothing was lost: agents go on, and every run is kept by the server. If it happens again, the
        browser's console has the details.
      </p>
      <p className="num break-words text-ink-3">{error.digest ?? error.message.slice(0, 300)}</p>
    </EndPage>
  )
}
