import { EndPage } from "@/components/shell/EndPage"
import { strings } from "@/components/shell/strings"
import { buttonClass } from "@/components/ui/Button"
import { pagePath } from "@/lib/live/pagePath"

export default function NotFound() {
  return (
    <EndPage
      title={strings.notFound.title}
      actions={
        <a href={pagePath("/")} className={buttonClass("solid")}>
          {strings.allRuns}
        </a>
      }
    >
      <p>{strings.notFound.text}</p>
    </EndPage>
  )
}
