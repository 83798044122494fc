// The last page of a window that signed somebody in: it tells the panel that opened it, which is of this very origin, and
// closes.
const told = JSON.parse(document.body.dataset.told);
delete document.body.dataset.told;
if (opener && told.question) {
  opener.postMessage({ type: 'cordboard:signed-in', ...told }, location.origin);
  if (told.ticket) close();
} else if (told.ticket) {
  document.querySelector('h1').textContent = 'Not signed in';
  document.querySelector('p').textContent = 'This window has lost the panel that opened it. Close it and press Sign in again.';
}
