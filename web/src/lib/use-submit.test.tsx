// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { ApiProblem } from './problem.ts'
import { useSubmit } from './use-submit.ts'

afterEach(cleanup)

const refusal = (code: string, errors?: { path: string; message: string }[]) =>
  new ApiProblem(
    {
      type: 't',
      title: 't',
      status: 422,
      detail: `Said by ${code}.`,
      instance: 'i',
      code,
      ...(errors ? { errors } : {}),
    },
    new Response(null, { status: 422 }),
  )

function Form({ send }: { send(values: string): Promise<unknown> }) {
  const { form, ...submission } = useSubmit({
    send,
    fields: ['name'],
    fieldOfCode: { 'x.name_taken': 'name' },
  })
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault()
        submission.send('value')
      }}
    >
      <input aria-label="other" />
      <input aria-label="name" aria-invalid={submission.errorOf('name') !== undefined || undefined} />
      <p role="note">{submission.errorOf('name')}</p>
      <p role="alert">{submission.failure}</p>
      <button type="submit">go</button>
    </form>
  )
}

function show(send: (values: string) => Promise<unknown>) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Form send={send} />
    </QueryClientProvider>,
  )
  fireEvent.click(screen.getByText('go'))
}

it('tells a refused field there, as a sentence, and gives it the focus', async () => {
  show(() =>
    Promise.reject(refusal('http.validation_failed', [{ path: 'body.name', message: 'is too long' }])),
  )
  await waitFor(() => expect(screen.getByRole('note').textContent).toBe('Is too long.'))
  expect(screen.getByRole('alert').textContent).toBe('')
  expect(document.activeElement).toBe(screen.getByLabelText('name'))
})

it('knows which field an error code is about', async () => {
  show(() => Promise.reject(refusal('x.name_taken')))
  await waitFor(() => expect(screen.getByRole('note').textContent).toBe('Said by x.name_taken.'))
  expect(screen.getByRole('alert').textContent).toBe('')
})

it('tells in one sentence what is about a field that is not shown', async () => {
  show(() =>
    Promise.reject(refusal('http.validation_failed', [{ path: 'body.token', message: 'is required' }])),
  )
  await waitFor(() => expect(screen.getByRole('alert').textContent).toBe('Said by http.validation_failed.'))
})

it('shows nothing of an error that is none of ours', async () => {
  show(() => Promise.reject(new TypeError('x is not a function')))
  await waitFor(() =>
    expect(screen.getByRole('alert').textContent).toMatch(/^Something went wrong on this page/),
  )
})

it('sends once, however often it is pressed', async () => {
  const send = vi.fn(() => new Promise(() => {}))
  show(send)
  await waitFor(() => expect(send).toHaveBeenCalled())
  fireEvent.click(screen.getByText('go'))
  expect(send).toHaveBeenCalledTimes(1)
})
