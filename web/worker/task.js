/**
 * Let waiting messages in, and go on at once. A resolved promise would not let them in, and
 * setTimeout would take four milliseconds; a message to ourselves queues behind theirs.
 */

const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()();

export function turn() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}

export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
