// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, expect, it } from 'vitest'
import { LinkPage } from './link-page.tsx'

afterEach(cleanup)

const WITHOUT_LINK = { title: 'No link', text: 'Open the link.' }
const DONE = { title: 'Done', text: 'It is done.' }

function Sample() {
  const [doneWith, setDoneWith] = useState<string>()
  return (
    <LinkPage title="To do" withoutLink={WITHOUT_LINK} doneWith={doneWith} done={DONE}>
      {(token) => (
        <button type="button" onClick={() => setDoneWith(token)}>
          Use {token}
        </button>
      )}
    </LinkPage>
  )
}

const open = (hash: string) => {
  location.hash = hash
  fireEvent(window, new Event('hashchange'))
}
const title = () => screen.getByRole('heading', { level: 1 }).textContent

it('asks for the link, does one thing with it, and does as much for the next link that is opened there', () => {
  location.hash = ''
  render(<Sample />)
  expect(title()).toBe('No link')
  for (const token of ['one', 'two']) {
    open(`#token=${token}`)
    expect(title()).toBe('To do')
    expect(location.hash).toBe('')
    fireEvent.click(screen.getByRole('button', { name: `Use ${token}` }))
    expect(title()).toBe('Done')
  }
})
