"use client"

import { useEffect, useState } from "react"
import { useOnDemand } from "@/components/ui/hooks/useOnDemand"

const DELAY_MS = 400
/** For this long after a tooltip was hidden, the next one is shown without a delay. */
const RECENT_MS = 300
const loadBubble = () => import("./TooltipBubble").then((module) => module.TooltipBubble)

/**
 * Shows the tooltips of all controls with `data-tooltip`, and their shortcuts (`data-tooltip-key`), on hover and
 * keyboard focus. There is one layer for the page, because a tooltip per button would be too expensive.
 */
export function TooltipLayer() {
  const [target, setTarget] = useState<HTMLElement>()
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    let timer: ReturnType<typeof setTimeout> | undefined
    let hiddenAt = Number.NEGATIVE_INFINITY
    let current: HTMLElement | undefined
    const hide = () => {
      clearTimeout(timer)
      if (current !== undefined) hiddenAt = performance.now()
      current = undefined
      setTarget(undefined)
    }
    const show = (event: Event) => {
      const control = controlOf(event.target)
      if (control === current) return
      hide()
      if (control === undefined || !mayShow(event, control)) return
      const isRecent = performance.now() - hiddenAt < RECENT_MS
      timer = setTimeout(
        () => {
          current = control
          setTarget(control)
        },
        isRecent ? 0 : DELAY_MS,
      )
    }
    for (const type of ["pointerover", "focusin"])
      document.addEventListener(type, show, { signal, passive: true })
    for (const type of ["pointerdown", "keydown", "focusout"])
      document.addEventListener(type, hide, { signal })
    window.addEventListener("scroll", hide, { signal, passive: true, capture: true })
    return () => {
      controller.abort()
      clearTimeout(timer)
    }
  }, [])
  const Bubble = useOnDemand(target !== undefined, loadBubble)
  if (Bubble === undefined || target === undefined) return null
  const { tooltip = "", tooltipKey } = target.dataset
  return <Bubble key={tooltip} box={target.getBoundingClientRect()} text={tooltip} shortcut={tooltipKey} />
}

function controlOf(target: EventTarget | null): HTMLElement | undefined {
  const control = target instanceof Element ? target.closest("[data-tooltip]") : null
  return control instanceof HTMLElement ? control : undefined
}

function mayShow(event: Event, control: HTMLElement): boolean {
  if (event instanceof PointerEvent) return event.pointerType === "mouse"
  return control.matches(":focus-visible")
}
