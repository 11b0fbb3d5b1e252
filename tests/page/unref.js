// The worker's channel to itself is never closed, and Node would wait for it after the last test.
const { MessageChannel } = globalThis;

globalThis.MessageChannel = class extends MessageChannel {
  constructor() {
    super();
    // A port that is listened to holds Node again, so this is done after the listener is there.
    queueMicrotask(() => this.port1.unref());
  }
};
