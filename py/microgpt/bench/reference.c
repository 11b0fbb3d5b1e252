/* The reference run in plain C, as a yardstick: loops over one document at a time, double numbers.
 *
 *     reference STEPS < DATA
 *
 * DATA begins with the 4192 first weights as doubles, in the order of the Python model: token
 * embedding, position embedding, head, then wq, wk, wv, wo, fc1, fc2. After them come, for each
 * step, its number of targets and then its tokens, 18 bytes in all. Prints the processor's
 * seconds that the training took and the last loss.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { V = 27, C = 16, T = 16, H = 4, S = C / H, F = 4 * C };
enum { WTE = 0, WPE = WTE + V * C, HEAD = WPE + T * C, WQ = HEAD + V * C, WK = WQ + C * C,
       WV = WK + C * C, WO = WV + C * C, FC1 = WO + C * C, FC2 = FC1 + F * C, COUNT = FC2 + C * F };

static double w[COUNT], grad[COUNT], mean[COUNT], square[COUNT];

/* What the forward pass keeps for the way back, for every position. */
static double embedded[T][C], x0[T][C], x1[T][C], q[T][C], k[T][C], v[T][C], looked[T][C];
static double x2[T][C], x3[T][C], hidden[T][F], x4[T][C], scale0[T], scale1[T], scale2[T];
static double share[H][T][T], chance[T][V], dk[T][C], dv[T][C];

static void linear(const double *m, const double *x, double *y, int out, int in) {
    for (int i = 0; i < out; i++) {
        double sum = 0;
        for (int j = 0; j < in; j++) sum += m[i * in + j] * x[j];
        y[i] = sum;
    }
}

static void linear_back(int m, const double *x, const double *dy, double *dx, int out, int in) {
    for (int i = 0; i < out; i++)
        for (int j = 0; j < in; j++) {
            grad[m + i * in + j] += dy[i] * x[j];
            dx[j] += dy[i] * w[m + i * in + j];
        }
}

static double norm(const double *x, double *y) {
    double sum = 0;
    for (int i = 0; i < C; i++) sum += x[i] * x[i];
    double scale = 1 / sqrt(sum / C + 1e-5);
    for (int i = 0; i < C; i++) y[i] = x[i] * scale;
    return scale;
}

static void norm_back(const double *y, double scale, const double *dy, double *dx) {
    double mix = 0;
    for (int i = 0; i < C; i++) mix += dy[i] * y[i];
    for (int i = 0; i < C; i++) dx[i] += scale * (dy[i] - y[i] * mix / C);
}

static void softmax(double *x, int n) {
    double most = x[0], sum = 0;
    for (int i = 1; i < n; i++) most = x[i] > most ? x[i] : most;
    for (int i = 0; i < n; i++) sum += x[i] = exp(x[i] - most);
    for (int i = 0; i < n; i++) x[i] /= sum;
}

static void forward(int token, int t) {
    for (int i = 0; i < C; i++) embedded[t][i] = w[WTE + token * C + i] + w[WPE + t * C + i];
    scale0[t] = norm(embedded[t], x0[t]);
    scale1[t] = norm(x0[t], x1[t]);
    linear(w + WQ, x1[t], q[t], C, C);
    linear(w + WK, x1[t], k[t], C, C);
    linear(w + WV, x1[t], v[t], C, C);
    for (int h = 0; h < H; h++) {
        double *p = share[h][t];
        for (int j = 0; j <= t; j++) {
            p[j] = 0;
            for (int i = h * S; i < (h + 1) * S; i++) p[j] += q[t][i] * k[j][i];
            p[j] *= 0.5; /* one over the root of S */
        }
        softmax(p, t + 1);
        for (int i = h * S; i < (h + 1) * S; i++) {
            looked[t][i] = 0;
            for (int j = 0; j <= t; j++) looked[t][i] += p[j] * v[j][i];
        }
    }
    linear(w + WO, looked[t], x2[t], C, C);
    for (int i = 0; i < C; i++) x2[t][i] += x0[t][i];
    scale2[t] = norm(x2[t], x3[t]);
    linear(w + FC1, x3[t], hidden[t], F, C);
    for (int i = 0; i < F; i++) hidden[t][i] = hidden[t][i] > 0 ? hidden[t][i] : 0;
    linear(w + FC2, hidden[t], x4[t], C, F);
    for (int i = 0; i < C; i++) x4[t][i] += x2[t][i];
    linear(w + HEAD, x4[t], chance[t], V, C);
    softmax(chance[t], V);
}

static void backward(const unsigned char *tokens, int n) {
    memset(dk, 0, sizeof dk);
    memset(dv, 0, sizeof dv);
    for (int t = n - 1; t >= 0; t--) {
        double dz[V], dx4[C] = {0}, dhidden[F] = {0}, dx3[C] = {0}, dlooked[C] = {0};
        double dq[C] = {0}, dx1[C] = {0}, dx0[C], dembedded[C] = {0};
        for (int i = 0; i < V; i++) dz[i] = (chance[t][i] - (i == tokens[t + 1])) / n;
        linear_back(HEAD, x4[t], dz, dx4, V, C);
        linear_back(FC2, hidden[t], dx4, dhidden, C, F);
        for (int i = 0; i < F; i++) dhidden[i] = hidden[t][i] > 0 ? dhidden[i] : 0;
        linear_back(FC1, x3[t], dhidden, dx3, F, C);
        double dx2[C];
        memcpy(dx2, dx4, sizeof dx2);
        norm_back(x3[t], scale2[t], dx3, dx2);
        linear_back(WO, looked[t], dx2, dlooked, C, C);
        for (int h = 0; h < H; h++) {
            double *p = share[h][t], dp[T], sum = 0;
            for (int j = 0; j <= t; j++) {
                dp[j] = 0;
                for (int i = h * S; i < (h + 1) * S; i++) {
                    dp[j] += dlooked[i] * v[j][i];
                    dv[j][i] += p[j] * dlooked[i];
                }
                sum += dp[j] * p[j];
            }
            for (int j = 0; j <= t; j++) {
                double ds = p[j] * (dp[j] - sum) * 0.5;
                for (int i = h * S; i < (h + 1) * S; i++) {
                    dq[i] += ds * k[j][i];
                    dk[j][i] += ds * q[t][i];
                }
            }
        }
        linear_back(WQ, x1[t], dq, dx1, C, C);
        linear_back(WK, x1[t], dk[t], dx1, C, C);
        linear_back(WV, x1[t], dv[t], dx1, C, C);
        memcpy(dx0, dx2, sizeof dx0);
        norm_back(x1[t], scale1[t], dx1, dx0);
        norm_back(x0[t], scale0[t], dx0, dembedded);
        for (int i = 0; i < C; i++) {
            grad[WTE + tokens[t] * C + i] += dembedded[i];
            grad[WPE + t * C + i] += dembedded[i];
        }
    }
}

static void adam(int step, double lr) {
    double correct1 = 1 / (1 - pow(0.85, step)), correct2 = 1 / (1 - pow(0.99, step));
    for (int i = 0; i < COUNT; i++) {
        mean[i] = 0.85 * mean[i] + 0.15 * grad[i];
        square[i] = 0.99 * square[i] + 0.01 * grad[i] * grad[i];
        w[i] -= lr * (mean[i] * correct1) / (sqrt(square[i] * correct2) + 1e-8);
    }
}

static void load(void *into, size_t size, size_t count) {
    if (fread(into, size, count, stdin) == count) return;
    fprintf(stderr, "the data ends too early\n");
    exit(1);
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    int steps = atoi(argv[1]);
    unsigned char (*documents)[18] = malloc(18 * (size_t)steps);
    load(w, sizeof *w, COUNT);
    load(documents, 18, steps);
    struct timespec begin, end;
    double loss = 0;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    for (int step = 0; step < steps; step++) {
        int n = documents[step][0];
        const unsigned char *tokens = documents[step] + 1;
        memset(grad, 0, sizeof grad);
        loss = 0;
        for (int t = 0; t < n; t++) {
            forward(tokens[t], t);
            loss -= log(chance[t][tokens[t + 1]]) / n;
        }
        backward(tokens, n);
        adam(step + 1, 0.01 * (1 - step / (double)steps));
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    double seconds = end.tv_sec - begin.tv_sec + 1e-9 * (end.tv_nsec - begin.tv_nsec);
    printf("%.9f %.17g\n", seconds, loss);
    return 0;
}
