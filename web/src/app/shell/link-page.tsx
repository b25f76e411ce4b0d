import { Fragment, type ReactNode } from 'react'
import { useFragmentToken } from '../../lib/fragment-token.ts'
import { NarrowPage } from './narrow-page.tsx'

interface PageText {
  readonly title: string
  readonly text: ReactNode
}

interface LinkPageProps {
  readonly title: string
  /** What is told whoever came without the link. */
  readonly withoutLink: PageText
  /** What is told once it is done. */
  readonly done: PageText | undefined
  /** What there is to do with the link's token. */
  children(token: string): ReactNode
}

/** A page that a link with a token opens, to do one thing once. */
export function LinkPage({ title, withoutLink, done, children }: LinkPageProps) {
  const token = useFragmentToken()
  // Note: all of them the same element, so that it notices a new title and makes it heard.
  if (done !== undefined) return <NarrowPage title={done.title}>{done.text}</NarrowPage>
  if (token === undefined) return <NarrowPage title={withoutLink.title}>{withoutLink.text}</NarrowPage>
  return (
    <NarrowPage title={title}>
      <Fragment key={token}>{children(token)}</Fragment>
    </NarrowPage>
  )
}
