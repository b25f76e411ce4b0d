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
  /** The token that it was done with; another link that is opened here has its own thing to do. */
  readonly doneWith: string | undefined
  /** What is told then. */
  readonly done: PageText
  /** What there is to do with the link's token. */
  children(token: string): ReactNode
}

/** A page that a link with a token opens, to do one thing once. */
export function LinkPage({ title, withoutLink, doneWith, done, children }: LinkPageProps) {
  const token = useFragmentToken()
  // Note: all of them the same element, so that it notices a new title and makes it heard.
  if (token === undefined) return <NarrowPage title={withoutLink.title}>{withoutLink.text}</NarrowPage>
  if (doneWith === token) return <NarrowPage title={done.title}>{done.text}</NarrowPage>
  return (
    <NarrowPage title={title}>
      <Fragment key={token}>{children(token)}</Fragment>
    </NarrowPage>
  )
}
