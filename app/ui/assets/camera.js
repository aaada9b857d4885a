/** A dialog with the live picture of a camera, for computers: phones open their own camera instead of a file dialog. */
import { UserError } from "./notice.js";
import { t } from "./texts.js";

/** Return whether this device opens a file dialog for a picture, and has a camera that pages may use. */
export const canShowCamera = () => matchMedia("(pointer: fine)").matches && Boolean(navigator.mediaDevices?.getUserMedia);

/**
 * Show the camera until a picture is taken or the dialog is closed.
 * @param {HTMLDialogElement} dialog @param {(picture: Blob) => void} take @throws {UserError} no camera, or not allowed
 */
export async function openCamera(dialog, take) {
  const stream = await startCamera();
  const video = dialog.querySelector("video");
  video.srcObject = stream;
  dialog.querySelector("[data-action=shoot]").onclick = async () => {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    canvas.getContext("2d").drawImage(video, 0, 0);
    take(await canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 }));
    dialog.close();
  };
  dialog.onclose = () => {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  dialog.showModal();
}

async function startCamera() {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: 1280, height: 960 } });
  } catch (error) {
    throw new UserError(t("no_camera"), { cause: error });
  }
}
