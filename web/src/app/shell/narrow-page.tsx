import { type ReactNode, useEffect, useRef } from 'react'
import { useDocumentTitle } from '../../lib/use-document-title.ts'

interface NarrowPageProps {
  readonly title: string
  readonly children: ReactNode
}

/** A page of one thing to do. When that is done and the title changes, the focus goes to the title, so that it is heard. */
export function NarrowPage({ title, children }: NarrowPageProps) {
  useDocumentTitle(title)
  const heading = useRef<HTMLHeadingElement>(null)
  const heard = useRef(title)
  useEffect(() => {
    if (heard.current !== title) heading.current?.focus()
    heard.current = title
  }, [title])
  return (
    <div className="mx-auto grid max-w-md gap-6 rounded-lg border border-line bg-surface p-4 sm:p-8">
      <h1 ref={heading} tabIndex={-1} className="outline-none">
        {title}
      </h1>
      {children}
    </div>
  )
}
