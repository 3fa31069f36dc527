/* Types: text both ways, words for messages, join, conversion, components, as tables of text. */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "type/type.h"

static const Type *type(const char *text) {
    const char *p = text;
    const Type *t = hl_type_parse(&p);
    if (!t || *p) {
        fprintf(stderr, "no type: %s\n", text);
        abort();
    }
    return t;
}

static void expect(const char *what, const char *of, const char *got, const char *wanted) {
    if (!strcmp(got, wanted)) return;
    fprintf(stderr, "%s of %s is %s, not %s\n", what, of, got, wanted);
    abort();
}

/* ---- text ---------------------------------------------------------------------------------------------- */

static const char *const shown[][2] = {
    {"int", "int64"},
    {"float", "float64"},
    {"bool", "bool"},
    {"b1", "bool"},
    {"complex", "complex128"},
    {"u8", "uint8"},
    {"c64", "complex64"},
    {"none", "none"},
    {"lit<-3>", "int64"},
    {"lit<True>", "bool"},
    {"str<\"a\\\"\\x00b\">", "str"},
    {"array<f64,2,C>", "array(float64, 2d, C)"},
    {"array<f32,1,A,ro>", "readonly array(float32, 1d, A)"},
    {"array<i64,3,F,ro,unaligned>", "unaligned readonly array(int64, 3d, F)"},
    {"array<b1,0,C>", "array(bool, 0d, C)"},
    {"tensor<array<f32,2,C>>", "tensor(float32, 2d, C)"},
    {"tensor_scalar<f32>", "tensor(float32)"},
    {"tuple<>", "Tuple()"},
    {"tuple<int,float>", "Tuple(int64, float64)"},
    {"tuple<f64,f64>", "UniTuple(float64 x 2)"},
    {"tuple<tuple<int,int>,tuple<int,int>>", "UniTuple(UniTuple(int64 x 2) x 2)"},
    {"optional<f64>", "OptionalType(float64)"},
    {"range", "range_state_int64"},
    {"range_iter", "range_iter_int64"},
    {"slice<none,int,none>", "slice(none, int64, none)"},
    {"array_iter<array<f64,1,C>>", "iter(array(float64, 1d, C))"},
    {"zip<range,array<f64,1,C>>", "zip(range_state_int64, array(float64, 1d, C))"},
    {"zip<>", "zip()"},
    {"zip_iter<range_iter>", "zip(range_iter_int64)"},
    {"enumerate<tuple<int>>", "enumerate(UniTuple(int64 x 1))"},
    {"const<\"numpy.tanh\">", "numpy.tanh"},
    {"const<\"f\",0x10>", "f"},
    {"method<\"sum\",array<f64,1,C>>", "method `sum` of array(float64, 1d, C)"},
    {"object", "any object"},
};

static const char *const not_types[] = {"",
                                        "tensor<f32>",
                                        "tensor<>",
                                        "int32",
                                        "lit",
                                        "lit<>",
                                        "lit<3",
                                        "array",
                                        "array<f64>",
                                        "array<f64,33,C>",
                                        "array<f64,-1,C>",
                                        "array<f64,1,Z>",
                                        "array<int,1,C>",
                                        "tuple",
                                        "tuple<int",
                                        "tuple<int,,int>",
                                        "slice<int,int>",
                                        "optional<>",
                                        "str<3>",
                                        "str<\"a>",
                                        "str<\"\\q\">",
                                        "const<3>",
                                        "method<\"x\">",
                                        "none<>"};

static void test_text(void) {
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        expect("text", shown[i][0], hl_type_text(type(shown[i][0])), shown[i][0]);
        expect("name", shown[i][0], hl_type_show(type(shown[i][0])), shown[i][1]);
    }
    for (size_t i = 0; i < sizeof not_types / sizeof *not_types; i++) {
        const char *p = not_types[i];
        const Type *t = hl_type_parse(&p);
        if (t && !*p) expect("type", not_types[i], hl_type_text(t), "none");
    }
    char deep[4000];
    for (size_t i = 0; i < sizeof deep; i++)
        deep[i] = "tuple<"[i % 6];
    deep[sizeof deep - 1] = 0;
    const char *p = deep;
    assert(!hl_type_parse(&p) && p == deep);
}

static void test_identity(void) {
    const Type *parts[] = {type("int"), type("f64")};
    assert(hl_type_tuple(parts, 2) == type("tuple<int,f64>"));
    assert(hl_type_optional(type("optional<int>")) == type("optional<int>"));
    assert(type("array<f64,1,F>") == type("array<f64,1,C>") &&
           type("array<f64,2,F>") != type("array<f64,2,C>"));
    assert(hl_type_const((void *)16, "f") != hl_type_const((void *)32, "f"));
    Text text = {0};
    hl_type_print_stable(&text, hl_type_const((void *)16, "f"));
    expect("stable text", "const", text.data, "const<\"f\">");
    hl_text_free(&text);
}

/* ---- join and conversion ------------------------------------------------------------------------------- */

static const char *const joins[][3] = {
    {"int", "int", "int"},
    {"bottom", "f32", "f32"},
    {"undef", "array<f64,1,C>", "array<f64,1,C>"},
    {"lit<3>", "lit<3>", "lit<3>"},
    {"lit<3>", "lit<4>", "int"},
    {"lit<True>", "lit<False>", "bool"},
    {"lit<True>", "int", "int"},
    {"lit<3>", "float", "float"},
    {"bool", "int", "int"},
    {"int", "float", "float"},
    {"float", "complex", "complex"},
    {"int", "i64", "i64"},
    {"int", "u8", "u8"},
    {"lit<255>", "u8", "u8"},
    {"lit<256>", "u8", "object"},
    {"lit<-1>", "u64", "object"},
    {"lit<-129>", "i8", "object"},
    {"int", "f32", "f32"},
    {"float", "f32", "f32"},
    {"float", "i64", "f64"},
    {"float", "b1", "f64"},
    {"complex", "f32", "c64"},
    {"bool", "b1", "b1"},
    {"bool", "i8", "i8"},
    {"int", "b1", "i64"},
    {"i64", "u64", "f64"},
    {"i8", "u8", "i16"},
    {"none", "int", "optional<int>"},
    {"none", "lit<3>", "optional<int>"},
    {"none", "none", "none"},
    {"optional<int>", "none", "optional<int>"},
    {"optional<int>", "float", "optional<float>"},
    {"optional<int>", "optional<float>", "optional<float>"},
    {"optional<int>", "array<f64,1,C>", "object"},
    {"str<\"a\">", "str<\"a\">", "str<\"a\">"},
    {"str<\"a\">", "str<\"b\">", "object"},
    {"tuple<lit<1>,lit<2>>", "tuple<lit<1>,lit<3>>", "tuple<lit<1>,int>"},
    {"tuple<int,int>", "tuple<int,float>", "tuple<int,float>"},
    {"tuple<int>", "tuple<int,int>", "object"},
    {"tuple<int,str<\"a\">>", "tuple<int,str<\"b\">>", "object"},
    {"tuple<none>", "tuple<int>", "tuple<optional<int>>"},
    {"array<f64,2,C>", "array<f64,2,F>", "array<f64,2,A>"},
    {"array<f64,2,C,ro>", "array<f64,2,C>", "array<f64,2,C,ro>"},
    {"array<f64,1,C,unaligned>", "array<f64,1,A,ro>", "array<f64,1,A,ro,unaligned>"},
    {"array<f64,2,C>", "array<f64,1,C>", "object"},
    {"array<f64,1,C>", "array<f32,1,C>", "object"},
    {"array<f64,1,C>", "float", "object"},
    {"range", "range", "range"},
    {"range", "tuple<int>", "object"},
    {"slice<none,int,none>", "slice<none,lit<3>,none>", "slice<none,int,none>"},
    {"slice<none,int,none>", "slice<int,int,none>", "object"},
    {"array_iter<array<f64,2,C>>", "array_iter<array<f64,2,F>>", "array_iter<array<f64,2,A>>"},
    {"const<\"f\",0x10>", "const<\"g\",0x20>", "object"},
    {"method<\"sum\",array<f64,2,C>>", "method<\"sum\",array<f64,2,F>>", "method<\"sum\",array<f64,2,A>>"},
    {"method<\"sum\",array<f64,2,C>>", "method<\"max\",array<f64,2,C>>", "object"},
    {"object", "int", "object"},
    {"object", "none", "object"},
};

static void test_join(void) {
    for (size_t i = 0; i < sizeof joins / sizeof joins[0]; i++) {
        const Type *a = type(joins[i][0]), *b = type(joins[i][1]);
        expect("join", joins[i][0], hl_type_text(hl_type_join(a, b)), joins[i][2]);
        expect("join", joins[i][1], hl_type_text(hl_type_join(b, a)), joins[i][2]);
    }
}

static const char *const conversions[][3] = {
    {"int", "f32", "yes"},
    {"float", "int", "yes"},
    {"complex", "float", "no"},
    {"lit<3>", "int", "yes"},
    {"int", "lit<3>", "no"},
    {"none", "optional<int>", "yes"},
    {"int", "optional<float>", "yes"},
    {"optional<int>", "int", "no"},
    {"array<f64,2,C>", "array<f64,2,A>", "yes"},
    {"array<f64,2,A>", "array<f64,2,C>", "no"},
    {"array<f64,2,C>", "array<f64,2,C,ro>", "yes"},
    {"array<f64,2,C,ro>", "array<f64,2,C>", "no"},
    {"array<f64,2,C,unaligned>", "array<f64,2,C>", "no"},
    {"array<f64,2,C>", "float", "no"},
    {"tuple<int,int>", "tuple<float,int>", "yes"},
    {"tuple<int>", "tuple<int,int>", "no"},
    {"str<\"a\">", "str<\"b\">", "no"},
    {"range", "tuple<>", "no"},
    {"tuple<int>", "object", "yes"},
};

static void test_conversion(void) {
    for (size_t i = 0; i < sizeof conversions / sizeof conversions[0]; i++) {
        bool converts = hl_type_converts(type(conversions[i][0]), type(conversions[i][1]));
        expect("conversion", conversions[i][0], converts ? "yes" : "no", conversions[i][2]);
    }
}

/* ---- storage and components ---------------------------------------------------------------------------- */

static const char *const stored[][3] = {
    {"int", "i64", "i64"},
    {"bool", "b1", "b1"},
    {"float", "f64", "f64"},
    {"complex", "c128", "f64 f64"},
    {"c64", "c64", "f32 f32"},
    {"lit<3>", "i64", ""},
    {"none", "none", ""},
    {"str<\"a\">", "str<\"a\">", ""},
    {"ptr", "ptr", "ptr"},
    {"tuple<int,tuple<bool,f32>,none>", "tuple<i64,tuple<b1,f32>,none>", "i64 b1 f32"},
    {"optional<float>", "optional<f64>", "b1 f64"},
    {"array<f64,2,C>", "array<f64,2,C>", "ptr ptr i64 i64 i64 i64"},
    {"range", "range", "i64 i64 i64"},
    {"slice<none,int,lit<2>>", "slice<none,i64,i64>", "i64"},
    {"array_iter<array<f64,1,C>>", "array_iter<array<f64,1,C>>", "ptr ptr i64 i64 i64"},
    {"zip_iter<range_iter,range_iter>", "zip_iter<range_iter,range_iter>", "i64 i64 i64 i64 i64 i64"},
    {"const<\"f\">", "const<\"f\">", ""},
};

static void test_storage(void) {
    for (size_t i = 0; i < sizeof stored / sizeof stored[0]; i++) {
        const Type *t = type(stored[i][0]), *parts[16];
        Text text = {0};
        hl_text_append(&text, "", 0);
        hl_type_components(t, parts);
        for (uint32_t k = 0; k < hl_type_ncomponents(t); k++)
            hl_text_printf(&text, "%s%s", k ? " " : "", hl_type_text(parts[k]));
        expect("storage", stored[i][0], hl_type_text(hl_type_storage(t)), stored[i][1]);
        expect("components", stored[i][0], text.data, stored[i][2]);
        hl_text_free(&text);
    }
    assert(hl_type_unliteral(type("tuple<lit<3>,tuple<lit<True>>>")) == type("tuple<int,tuple<bool>>"));
    assert(hl_type_real_of(type("complex")) == type("float") &&
           hl_type_complex_of(type("f32")) == type("c64"));
    assert(hl_type_nbytes(type("b1")) == 1 && hl_type_nbytes(type("c128")) == 16);
}

int main(void) {
    test_text();
    test_identity();
    test_join();
    test_conversion();
    test_storage();
    return 0;
}
