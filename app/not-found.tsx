import { EndPage } from "@/components/shell/EndPage"
import { strings } from "@/components/shell/strings"
import { buttonClass } from "@/components/ui/Button"

export default function NotFound() {
  return (
    <EndPage
      title={strings.notFound.title}
      actions={
        <a href="/" className={buttonClass("solid")}>
          {strings.allRuns}
        </a>
      }
    >
      <p>{strings.notFound.text}</p>
    </EndPage>
  )
}
